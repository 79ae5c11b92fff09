/// A unit that times are shown in.
enum TimeUnit: Sendable {
    case microseconds
    case milliseconds
    case seconds

    /// The one for times up to this one.
    static func forTimes(upTo nanoseconds: Int) -> TimeUnit {
        nanoseconds < 1_000_000 ? .microseconds : nanoseconds < 1_000_000_000 ? .milliseconds : .seconds
    }

    var nanoseconds: Double {
        switch self {
        case .microseconds: 1e3
        case .milliseconds: 1e6
        case .seconds: 1e9
        }
    }

    var symbol: String {
        switch self {
        case .microseconds: "µs"
        case .milliseconds: "ms"
        case .seconds: "s"
        }
    }
}
