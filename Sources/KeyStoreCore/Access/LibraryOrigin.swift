/// Who named a library whose code is to be loaded.
public enum LibraryOrigin: UInt32, Sendable {
    /// The key reference did.
    case reference = 1
    /// The open request's `module` did.
    case option = 2
    /// The system's configuration did.
    case system = 3
}
