/// One controller that was tried in vain, and why.
public struct ControllerAttempt: Sendable, CustomStringConvertible {
    /// The controller.
    public var controller: ControllerAddress
    /// Why it was passed over.
    public var error: EnrollmentError

    /// Makes a record of an attempt.
    public init(controller: ControllerAddress, error: EnrollmentError) {
        self.controller = controller
        self.error = error
    }

    /// One sentence that names the controller, without the full stop.
    public var description: String {
        var text = error.message
        if let refusal = error.refusal { text += " [\(refusal)]" }
        return text.contains(controller.text) ? text : "\(controller): \(text)"
    }
}
