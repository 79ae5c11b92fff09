/// How a controller says no: its HTTP status and error envelope, as it sent them.
public struct ControllerRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The HTTP status.
    public var status: Int
    /// The error code, such as `INVALID_ENROLLMENT_TOKEN`; empty where the answer was no error envelope.
    public var code: String
    /// The controller's sentence.
    public var message: String
    /// What the controller gives as the cause; empty where it gives none.
    public var cause: String
    /// Names the request in the controller's log; empty where it was not given.
    public var requestID: String

    /// Makes a refusal. Texts are cut to 1000 characters, and control characters in them replaced.
    public init(status: Int, code: String = "", message: String = "", cause: String = "", requestID: String = "") {
        self.status = status
        self.code = PlainText.clean(code)
        self.message = PlainText.clean(message)
        self.cause = PlainText.clean(cause)
        self.requestID = PlainText.clean(requestID)
    }

    /// "400 COULD_NOT_PROCESS_CSR: The supplied csr could not be processed (…), request h1jPl4k0j".
    public var description: String {
        var text = "\(status)"
        if !code.isEmpty { text += " \(code)" }
        if !message.isEmpty { text += ": \(message)" }
        if !cause.isEmpty { text += " (\(cause))" }
        if !requestID.isEmpty { text += ", request \(requestID)" }
        return text
    }
}
