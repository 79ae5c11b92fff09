/// When a key asks for a touch of its device.
public enum TouchPolicy: UInt32, CaseIterable, Hashable, Sendable {
    /// Not at all.
    case never = 1
    /// For each use.
    case always = 2
    /// For a use that comes a while after the last touch.
    case cached = 3
}
