/// One thing that was looked at in an identity, and what came of it. Holds no secret.
public struct IdentityFinding: Sendable {
    /// What was looked at.
    public enum Subject: String, Sendable, CaseIterable {
        /// The file itself: who can read it, and what it gives away.
        case file
        /// A renewal that was not finished.
        case renewal
        /// The certificate's dates.
        case validity
        /// Where the certificate leads to.
        case chain
        /// The private key, where the file says it is.
        case key
        /// Whether the certificate is for that key.
        case certificate
        /// Whether the controller lets the identity in.
        case controller
    }

    /// What came of it.
    public enum Verdict: String, Sendable, CaseIterable {
        /// It is as it should be.
        case passed
        /// It works, and somebody should look at it.
        case warning
        /// It keeps the identity from working.
        case failed
        /// It was not looked at.
        case skipped
    }

    /// What was looked at.
    public var subject: Subject
    /// What came of it.
    public var verdict: Verdict
    /// A sentence without the full stop.
    public var text: String
    /// What to do about it, as a sentence; empty where there is nothing to do.
    public var hint: String
    /// Why it failed; nil unless it did.
    public var error: EnrollmentError?

    /// Makes a finding.
    public init(
        _ subject: Subject, _ verdict: Verdict, _ text: String, hint: String = "", error: EnrollmentError? = nil
    ) {
        self.subject = subject
        self.verdict = verdict
        self.text = text
        self.hint = hint
        self.error = error
    }

    /// A failure.
    init(_ subject: Subject, _ error: EnrollmentError) {
        self.init(subject, .failed, error.message, hint: error.hint, error: error)
    }
}
