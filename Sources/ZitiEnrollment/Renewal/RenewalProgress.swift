/// What a renewal or a key roll tells while it goes on. Holds no secret.
public struct RenewalProgress: Hashable, Sendable {
    /// The step.
    public var step: RenewalStep
    /// What kind of message this is.
    public var kind: EnrollmentProgress.Kind
    /// The message, a sentence or a part of one.
    public var text: String

    /// Receives messages, in order, on whatever thread the renewal runs.
    public typealias Handler = @Sendable (RenewalProgress) -> Void

    /// Makes a message.
    public init(step: RenewalStep, kind: EnrollmentProgress.Kind, text: String) {
        self.step = step
        self.kind = kind
        self.text = text
    }
}
