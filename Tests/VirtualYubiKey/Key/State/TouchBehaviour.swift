/// What happens when the key waits for a touch.
public enum TouchBehaviour: Sendable, Equatable {
    /// It is touched at once.
    case granted
    /// It is touched after so many seconds.
    case grantedAfter(seconds: Double)
    /// It waits for `giveTouch()`, and refuses with 6982 if that has not come after so many seconds.
    case byHand(timeoutSeconds: Double)
    /// It refuses with 6982 at once.
    case denied
    /// Nobody comes: it refuses with 6982 after so many seconds. A real key waits 15.
    case never(timeoutSeconds: Double)
}
