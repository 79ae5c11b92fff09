/// Enrolls an identity: redeems the one-time token of an enrollment JWT for a certificate of a key that stays in its store,
/// or for what else the JWT's method gives.
///
/// Whatever can fail without the controller fails before the token is spent. When an enrollment is interrupted, the same
/// call goes on where it stopped: see `EnrollmentError.Code.answerLost` for the one state in which it can only try again.
public struct Enrollment: Sendable {
    /// The enrollment JWT.
    public let jwt: EnrollmentJWT
    /// What the operator decided.
    public var options: EnrollmentOptions

    var milestone: EnrollmentMilestone.Listener = { _ in }
    var patience = Patience()

    /// Prepares an enrollment; nothing happens yet.
    public init(jwt: EnrollmentJWT, options: EnrollmentOptions) {
        self.jwt = jwt
        self.options = options
    }

    /// Throws `methodUnsupported`, or `inputInvalid` if the JWT's method needs what the options lack, or has no use for what
    /// they hold. `run` does the same.
    public func requireOptions(hasKey: Bool) throws(EnrollmentError) {
        _ = try EnrollmentPlan(jwt, options, hasKey: hasKey)
    }

    /// Enrolls with the key, or without one where the method has none, and writes the identity file.
    ///
    /// May wait as long as a person takes to enter a PIN or touch a device. Cancelling the task ends it at the next point
    /// where nothing is lost by that. The error's step says how far it came; a key that was made is kept.
    public func run(
        key: KeySource?, progress: @escaping EnrollmentProgress.Handler = { _ in }
    ) async throws(EnrollmentError) -> EnrollmentResult {
        var run = EnrollmentRun(
            jwt: jwt, options: options, source: key, output: try OutputFile(path: options.outputPath),
            progress: progress, milestone: milestone, patience: patience)
        let result: Result<EnrollmentResult, any Error>
        do {
            result = .success(try await run.perform())
        } catch {
            result = .failure(error)
        }
        await run.opened?.close()
        switch result {
        case .success(let value):
            return value
        case .failure(let error as EnrollmentError):
            run.tidy()
            throw error.at(run.step)
        case .failure(let error as EnrollmentMilestone.Interruption):
            throw EnrollmentError(.cancelled, "interrupted", step: run.step, underlying: error)
        case .failure(let error):
            throw EnrollmentError(.defect, "an unforeseen failure: \(error)", step: run.step, underlying: error)
        }
    }
}
