/// What an enrollment tells while it goes on. Holds no secret.
public struct EnrollmentProgress: Hashable, Sendable {
    /// What kind of message this is.
    public enum Kind: String, Sendable {
        /// A step begins; the text is what it is done to.
        case began
        /// Something about the step that is worth knowing.
        case detail
        /// Something that a person should read; the enrollment goes on.
        case warning
    }

    /// The step.
    public var step: EnrollmentStep
    /// What kind of message this is.
    public var kind: Kind
    /// The message, a sentence or a part of one.
    public var text: String

    /// Receives messages, in order, on whatever thread the enrollment runs.
    public typealias Handler = @Sendable (EnrollmentProgress) -> Void

    /// Makes a message.
    public init(step: EnrollmentStep, kind: Kind, text: String) {
        self.step = step
        self.kind = kind
        self.text = text
    }
}
