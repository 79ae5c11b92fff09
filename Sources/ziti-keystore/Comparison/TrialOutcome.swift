import KeyStoreCore

/// What a path did when something was wrong on purpose.
enum TrialOutcome: Sendable {
    /// It failed with this.
    case failed(KeyStoreError)
    /// It worked, in so many nanoseconds.
    case worked(Int)
    /// It did not come back within this time.
    case noAnswer(seconds: Int)
    /// It was not tried, for this reason.
    case notTried(String)

    /// The outcome of work that answers how long it took.
    init(_ body: () throws(KeyStoreError) -> Int) {
        do throws(KeyStoreError) {
            self = .worked(try body())
        } catch {
            self = .failed(error)
        }
    }

    var text: String {
        switch self {
        case .failed(let error): "\(error)"
        case .worked(let time): "signed in \(LatencyText.text(time))"
        case .noAnswer(let seconds): "no answer within \(seconds) seconds"
        case .notTried(let reason): "not tried: \(reason)"
        }
    }

    /// As a member of JSON output.
    var json: JSONValue {
        switch self {
        case .failed(let error):
            var members: [(name: String, value: JSONValue)] = [
                ("outcome", .string("failed")), ("code", .string("\(error.code)")), ("message", .string(error.message)),
                ("triesLeft", error.triesLeft.map { .number($0) } ?? .null),
            ]
            members.append(("native", error.native.map { .string("\($0)") } ?? .null))
            return .object(members)
        case .worked(let time):
            return .object([("outcome", .string("signed")), ("signMicroseconds", .thousandths(time))])
        case .noAnswer(let seconds):
            return .object([("outcome", .string("noAnswer")), ("waitedSeconds", .number(seconds))])
        case .notTried(let reason):
            return .object([("outcome", .string("notTried")), ("message", .string(reason))])
        }
    }
}
