/// When a key's use needs the PIN, by the applet's numbers.
public enum PINPolicy: UInt8, Sendable, Codable {
    /// Never.
    case never = 1
    /// Once while the applet stays selected.
    case once = 2
    /// Right before each use.
    case always = 3
}
