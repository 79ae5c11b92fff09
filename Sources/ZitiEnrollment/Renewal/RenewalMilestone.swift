/// The moments between which a renewal or a key roll may be killed and still must go on afterwards. Tests stop at each of
/// them; nothing else listens.
enum RenewalMilestone: String, CaseIterable, Sendable {
    case journalMade
    case loggedIn
    case authenticatorFound
    case keyIntended
    case keyGenerated
    case keyRecorded
    case requestMade
    case extendAnswered
    case certificateChecked
    case certificateRecorded
    case nextWritten
    case verifyAnswered
    case newCertificateProven
    case identityReplaced
    case certificateStored
    case oldKeyDeleted
    case journalRemoved

    /// Hears of a milestone. What it throws ends the renewal as a kill would: nothing is tidied up.
    typealias Listener = @Sendable (RenewalMilestone) throws(Interruption) -> Void

    /// Ends a renewal on the spot.
    struct Interruption: Error {}
}
