import NIOSSL

/// The request that enrolls, and what its refusals mean. It may be sent once more after its answer got lost.
struct Redemption: Sendable {
    /// What became of it.
    enum Outcome: Sendable {
        /// The controller's answer, a success.
        case accepted(ControllerAnswer)
        /// An earlier attempt, whose answer got lost, has enrolled.
        case enrolledBefore
    }

    /// Refusals that a controller gives only after it has found that nothing was enrolled yet: it looks for the one-time
    /// token, and for the external JWT's subject, before it looks at anything that these speak of. For `ca` there are none.
    static let unspentCodes: Set = [
        "INVALID_ENROLL_METHOD", "ENROLLMENT_EXPIRED", "COULD_NOT_PROCESS_CSR", "ENROLLMENT_CA_NOT_VALID",
        "CERTIFICATE_FAILED_VALIDATION",
    ]

    /// The path under the client API, with the query.
    var path: String
    var headers: [(String, String)]
    var body: [UInt8]
    /// How the controller is trusted, and what is shown to it.
    var tls: TLSConfiguration
    /// Refusals that, after a lost answer, say that the earlier attempt was what they speak of.
    var spentCodes: Set<String> = ["INVALID_ENROLLMENT_TOKEN"]
    /// Finds out if the earlier attempt has enrolled; nil where nothing can tell.
    var confirm: (@Sendable () async throws(EnrollmentError) -> Bool)?
    /// What to throw where it has, and what it enrolled cannot be used; nil for an answer that is not needed.
    var lostHint: String
    /// Why the key did not sign the handshake, where it failed.
    var keyFailure: @Sendable () -> EnrollmentError? = { nil }
    /// A secret in the body, which no refusal is to repeat.
    var secret: String?
}
