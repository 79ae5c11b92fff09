public import KeyStoreCore

/// Why an enrollment, an authentication or the reading of an identity file failed.
///
/// The code stands for what the caller does next; the rest is for the person who must act. No field holds a secret. Two
/// errors are equal when their codes are equal.
public struct EnrollmentError: Error, Sendable {
    /// What the caller does next.
    public var code: Code
    /// One sentence, without the full stop.
    public var message: String
    /// What to do about it, as a sentence; empty where there is nothing to say.
    public var hint: String
    /// The step at which enrollment stopped; nil outside enrollment.
    public var step: EnrollmentStep?
    /// What the controller answered, where it refused.
    public var refusal: ControllerRefusal?
    /// The error that led to this one: a `KeyStoreError` where the code is `keyStore`.
    public var underlying: (any Error)?

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, hint: String = "", step: EnrollmentStep? = nil,
        refusal: ControllerRefusal? = nil, underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.step = step
        self.refusal = refusal
        self.underlying = underlying
    }

    /// An error that stands for one of the key store, which is kept whole. A cancelled operation stays `cancelled`.
    public init(_ error: KeyStoreError) {
        self.init(error.code == .cancelled ? .cancelled : .keyStore, error.message, underlying: error)
    }

    /// The key store's error, where there is one.
    public var keyStoreError: KeyStoreError? { underlying as? KeyStoreError }

    /// The same error with the step filled in where it is still empty.
    func at(_ step: EnrollmentStep?) -> EnrollmentError {
        var error = self
        error.step = error.step ?? step
        return error
    }
}

extension EnrollmentError: Equatable {
    /// Compares the codes.
    public static func == (left: EnrollmentError, right: EnrollmentError) -> Bool { left.code == right.code }
}

extension EnrollmentError: CustomStringConvertible {
    /// The code, the message, and what the controller or the key store said.
    public var description: String {
        var text = "\(code): \(message)"
        if let refusal { text += " [\(refusal)]" }
        if let keyStoreError, let native = keyStoreError.native { text += " [\(native)]" }
        return text
    }
}
