public import FoundationEssentials
internal import Synchronization

/// A clock that a test moves by hand, to be passed to a controller as `Configuration.now`.
public final class ManualClock: Sendable {
    private let date: Mutex<Date>

    /// Makes a clock that stands still at the given date.
    public init(_ date: Date = Date()) {
        self.date = Mutex(date)
    }

    /// The date the clock shows.
    public var now: Date {
        date.withLock { $0 }
    }

    /// Moves the clock by a number of seconds; a negative number moves it back.
    public func advance(seconds: Double) {
        date.withLock { $0 = $0.addingTimeInterval(seconds) }
    }
}
