/// When a key's use needs a touch, by the applet's numbers.
public enum TouchPolicy: UInt8, Sendable, Codable {
    /// Never.
    case never = 1
    /// Each time.
    case always = 2
    /// Unless there was one within 15 seconds.
    case cached = 3
}
