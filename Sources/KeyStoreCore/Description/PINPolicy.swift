/// When a key asks for the PIN.
public enum PINPolicy: UInt32, CaseIterable, Hashable, Sendable {
    /// Not at all.
    case never = 1
    /// Once in a session.
    case once = 2
    /// For each use.
    case always = 3
}
