public import KeyStoreCore
public import KeyStorePlugin

extension PIVBackend: WatchingBackend {
    /// Watches all readers.
    public func makeWatch() throws(KeyStoreError) -> any BackendTokenWatch {
        // So that a daemon that is not there is told at once, and not waited for.
        _ = try ResourceManager(waitingAtMost: limit)
        return PIVTokenWatch(search(host))
    }
}
