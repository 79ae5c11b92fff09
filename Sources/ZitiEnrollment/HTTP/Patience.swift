/// How often, and after which pauses, a controller that is busy is asked again.
struct Patience: Sendable {
    /// The pauses, one for each time that it is asked again.
    var pauses: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2)]
    /// Waits.
    var wait: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Waits before the next attempt, after so many that were repeated. False if there is to be none. Throws `cancelled`.
    func pause(after attempts: Int) async throws(EnrollmentError) -> Bool {
        guard attempts < pauses.count else { return false }
        do {
            try await wait(pauses[attempts])
        } catch {
            throw EnrollmentError(.cancelled, "the enrollment was given up", hint: "Run it again to go on.")
        }
        return true
    }
}
