public import KeyStoreCore

/// A store that tells when tokens come and go; see `TokenWatching`.
public protocol WatchingBackend: Backend {
    /// Begins to watch for tokens that the store's URI matches.
    func makeWatch() throws(KeyStoreError) -> any BackendTokenWatch
}

/// What a store sees of tokens that come and go. Waits beside calls on the store and its sessions, from any thread, one call
/// at a time. Closed before the store.
public protocol BackendTokenWatch: AnyObject {
    /// Waits for changes, `timeoutMilliseconds` at most, and calls `body` with each. The first call tells of the tokens that
    /// are there and returns at once.
    func wait(timeoutMilliseconds: UInt32, _ body: (TokenEvent) -> Void) throws(KeyStoreError)
    /// Ends the watch. Called once, not during a wait.
    func close()
}
