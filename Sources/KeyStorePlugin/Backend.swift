public import KeyStoreCore

/// An open store, as the author of a backend writes it: blocking, one call at a time, every failure thrown.
///
/// A plugin exports a backend with `PluginTable`. Whatever waits may wait: the host gives each session a thread of its
/// own, and checks everything that comes back.
public protocol Backend: AnyObject {
    /// What the backend says of itself. `abilities` must name the protocols that its sessions conform to.
    static var info: BackendInfo { get }

    /// Reads a URI of one of the backend's schemes: its normal form, what it says, and what is doubtful about it. Touches no
    /// device and no file. Throws `invalidURI`. Called from any thread.
    static func describe(_ uri: KeyStoreURI) throws(KeyStoreError) -> URIInfo

    /// Whether everything that the pattern asks for is so in the candidate. Throws `invalidURI`. Called from any thread.
    static func uri(_ pattern: KeyStoreURI, matches candidate: KeyStoreURI) throws(KeyStoreError) -> Bool

    /// Opens what the URI names, without logging in. Code is loaded only from libraries that the host allows. The host
    /// outlives the backend.
    init(opening request: OpenRequest, host: any BackendHost) throws(KeyStoreError)

    /// Calls `body` with each token that the URI matches, uninitialised and empty ones only where `all` is set, until it
    /// answers false.
    func forEachToken(all: Bool, _ body: (TokenInfo) -> Bool) throws(KeyStoreError)

    /// Opens a session on the one token that the URI matches; `noSuchToken` and `ambiguousToken` otherwise, before any
    /// login. The host is asked for PINs, and outlives the session.
    func openSession(_ options: SessionOptions, host: any BackendHost) throws(KeyStoreError) -> any BackendSession

    /// Releases what the store holds. Called once, after all sessions were closed.
    func close()
}
