public import ZitiEnrollment

/// What a controller answered to a request.
public struct ZitiResponse: Sendable {
    /// The HTTP status.
    public var status: Int
    /// The headers, in their order.
    public var headers: [(name: String, value: String)]
    /// The body, of at most 1 MiB.
    public var body: [UInt8]
    /// The controller that answered.
    public var controller: ControllerAddress

    init(_ answer: ControllerExchange.Answer, from controller: ControllerAddress) {
        status = answer.status
        // The session's token comes back in a header of some answers.
        headers = answer.headers.filter { $0.name.lowercased() != "zt-session" }.map { ($0.name, $0.value) }
        body = answer.body
        self.controller = controller
    }
}
