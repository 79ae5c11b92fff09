/// Why an attestation proves nothing, or not enough.
///
/// The code stands for what the caller does next; the rest is for the person who must act. Two errors are equal when their
/// codes are equal.
public struct AttestationError: Error, Sendable {
    /// What the caller does next.
    public var code: Code
    /// One sentence, without the full stop.
    public var message: String
    /// What to do about it, as a sentence; empty where there is nothing to say.
    public var hint: String

    /// Makes an error.
    public init(_ code: Code, _ message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension AttestationError: Equatable {
    /// Compares the codes.
    public static func == (left: AttestationError, right: AttestationError) -> Bool { left.code == right.code }
}

extension AttestationError: CustomStringConvertible {
    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
