public import KeyStoreCore

/// Where a reference says that the PIN is. What this holds is secret, so that it has no readable description.
public enum PINReference {
    /// The PIN itself, as the attribute's bytes (`pin-value`).
    case value(PIN)
    /// A file that holds it (`pin-source`).
    case file(String)
}
