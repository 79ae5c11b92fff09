public import KeyStoreCore

/// What a backend may ask of the program it runs in. Called on the thread of the operation that needs it.
public protocol BackendHost: AnyObject {
    /// Asks for a secret; hold no lock meanwhile, as a person may be typing. Throws `pinRequired` where there is no source,
    /// `cancelled` where the person gave up.
    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN

    /// Asks whether the code in a library may be loaded. `path` is absolute. Throws `untrustedLibrary` or `noSuchBackend`.
    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError)

    /// Tells the person something. Without secrets.
    func notice(_ notice: Notice)

    /// Takes a line about a native call and what it returned, without secrets, for a report of a fault; nil where nobody
    /// reads them. May be called on any thread, until the store that was opened with this host is closed.
    var trace: (@Sendable (String) -> Void)? { get }
}

extension BackendHost {
    /// Nil: nobody reads them.
    public var trace: (@Sendable (String) -> Void)? { nil }
}
