/// What starting or administering the controller can run into.
public struct ControllerError: Error, Sendable, CustomStringConvertible {
    /// One sentence that names the file, address or value in question; never a secret.
    public let message: String

    init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
