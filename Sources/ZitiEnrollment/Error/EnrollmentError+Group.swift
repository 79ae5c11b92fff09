extension EnrollmentError {
    /// Failures that a program answers in the same way. A command line gives each group one exit status; the numbers in the
    /// comments are those of `ziti-keystore`.
    public enum Group: String, Sendable, CaseIterable {
        /// A file or argument does not hold what it should (65).
        case badInput
        /// Something is there already (68).
        case exists
        /// The controller cannot be reached, is not to be trusted, does not answer as one, or cannot work now (69).
        case unavailable
        /// A mistake of this library (70).
        case defect
        /// A file cannot be written (73).
        case cannotWrite
        /// The one-time token is spent, or may be, and no certificate came of it (75).
        case tokenSpent
        /// The controller refused (76).
        case refused
        /// The caller's own rules refuse the key (77).
        case notPermitted
        /// A time limit passed (124).
        case timedOut
        /// The caller or the person gave up (130).
        case cancelled
        /// The key store failed: its own code decides.
        case keyStore
    }

    /// The group that the error belongs to. A code that has none yet counts as unavailable.
    public var group: Group {
        switch code {
        case .jwtMalformed, .jwtSignatureInvalid, .jwtExpired, .methodUnsupported, .identityInvalid, .inputInvalid,
            .journalInvalid:
            .badInput
        case .outputExists, .unfinishedEnrollment, .unfinishedRenewal, .keyUnchanged: .exists
        case .outputNotWritable: .cannotWrite
        case .answerLost, .tokenSpent, .certificateMismatch: .tokenSpent
        // A controller that cannot work now has refused nothing for good: who tries again later may be let in.
        case .refusedByController where refusal?.isTransient == true: .unavailable
        case .refusedByController, .notRenewable, .authenticatorUnknown, .renewalUnauthorized, .requestRefused,
            .otherCertificatePending, .identityLost:
            .refused
        case .attestationRefused: .notPermitted
        case .keyStore, .noUsableAlgorithm: keyStoreError == nil ? .unavailable : .keyStore
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        case .defect: .defect
        default: .unavailable
        }
    }
}
