/// Why a key store operation failed.
///
/// The code stands for what the caller does next; the rest is for the person who must act. No field ever holds a secret.
/// Two errors are equal when their codes are equal.
public struct KeyStoreError: Error, Sendable {
    /// What the caller does next.
    public var code: Code
    /// What was being done, in words: "find key".
    public var operation: String
    /// The reference it was done to, without secrets; empty where there was none.
    public var subject: String
    /// One sentence. Where several things match, their URIs follow on lines of their own.
    public var message: String
    /// The function of the module, library or system that failed, with its number, unchanged.
    public var native: NativeError?
    /// How many PIN tries are left, where the device tells.
    public var triesLeft: Int?
    /// The error that led to this one.
    public var underlying: (any Error)?

    /// Makes an error. `subject` is redacted here, so a URI may be passed as it was given.
    public init(
        _ code: Code,
        _ message: String,
        operation: String = "",
        subject: String = "",
        native: NativeError? = nil,
        triesLeft: Int? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.operation = operation
        self.subject = KeyStoreURI.redact(subject)
        self.message = message
        self.native = native
        self.triesLeft = triesLeft
        self.underlying = underlying
    }

    /// The same error with the operation and subject filled in where they are still empty.
    public func during(_ operation: String, of subject: String = "") -> KeyStoreError {
        var error = self
        if error.operation.isEmpty { error.operation = operation }
        if error.subject.isEmpty { error.subject = KeyStoreURI.redact(subject) }
        return error
    }
}

extension KeyStoreError: Equatable {
    /// Whether the codes are equal.
    public static func == (left: KeyStoreError, right: KeyStoreError) -> Bool { left.code == right.code }
}

extension KeyStoreError: CustomStringConvertible {
    /// The code, the message, the tries left and the native error.
    public var description: String {
        var text = "\(code): \(message)"
        if let triesLeft { text += " (\(triesLeft) tries left)" }
        if let native { text += " [\(native)]" }
        return text
    }
}
