public import KeyStoreCore

/// Gives an identity a new certificate, of the same key or of another one that takes over.
///
/// The identity file is replaced once the controller has accepted the new certificate, and the new one stands beside it on
/// the disk before the controller is asked to. When this is interrupted, the same call goes on where it stopped.
public struct Renewal: Sendable {
    /// The identity file.
    public let path: String
    /// The key that takes over; nil where the key stays.
    public var roll: KeyRoll?
    /// What the operator decided.
    public var options: RenewalOptions

    /// Makes the source of the key that a reference names, which stood in the identity file or in the journal.
    public typealias KeyFinder = @Sendable (KeyStoreURI) throws(KeyStoreError) -> KeySource

    var milestone: RenewalMilestone.Listener = { _ in }

    /// Prepares a renewal, or with `roll` a key roll; nothing happens yet.
    public init(path: String, roll: KeyRoll? = nil, options: RenewalOptions = RenewalOptions()) {
        self.path = path
        self.roll = roll
        self.options = options
    }

    /// Renews. May wait as long as a person takes to enter a PIN or touch a device. Cancelling the task ends it at the next
    /// point where nothing is lost by that.
    public func run(
        finding key: @escaping KeyFinder, progress: @escaping RenewalProgress.Handler = { _ in }
    ) async throws(EnrollmentError) -> RenewalResult {
        var run = RenewalRun(
            files: try RenewalFiles(path: path), roll: roll, options: options, finder: key, progress: progress,
            milestone: milestone)
        let result: Result<RenewalResult, any Error>
        do {
            result = .success(try await run.perform())
        } catch {
            result = .failure(error)
        }
        switch result {
        case .failure(let error as RenewalMilestone.Interruption):
            await run.close(loggingOut: false)
            throw EnrollmentError(.cancelled, "interrupted", underlying: error)
        case .success(let value):
            await run.close(loggingOut: true)
            return value
        case .failure(let error as EnrollmentError):
            // A controller that does not answer is not asked for more.
            await run.close(loggingOut: !error.isOutOfReach)
            run.tidy()
            throw error
        case .failure(let error):
            await run.close(loggingOut: true)
            throw EnrollmentError(.defect, "an unforeseen failure: \(error)", underlying: error)
        }
    }
}
