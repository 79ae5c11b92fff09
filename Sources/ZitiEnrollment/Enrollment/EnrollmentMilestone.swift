/// The moments between which an enrollment may be killed and still must go on afterwards. Tests stop at each of them; nothing
/// else listens.
enum EnrollmentMilestone: String, CaseIterable, Sendable {
    case jwtVerified
    case authoritiesVerified
    case outputReserved
    case keyIntended
    case keyGenerated
    case keyRecorded
    case signaturesProven
    case keyAttested
    case requestMade
    case postRecorded
    case answerReceived
    case certificateRecorded
    case certificateChecked
    case certificateStored
    case attestationWritten
    case identityWritten
    case journalRemoved

    /// Hears of a milestone. What it throws ends the enrollment as a kill would: nothing is tidied up.
    typealias Listener = @Sendable (EnrollmentMilestone) throws(Interruption) -> Void

    /// Ends an enrollment on the spot.
    struct Interruption: Error {}
}
