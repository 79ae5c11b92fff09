public import KeyStoreCore
public import KeyStorePlugin

extension PKCS11Backend: WatchingBackend {
    /// Watches the modules that the store searches.
    public func makeWatch() throws(KeyStoreError) -> any BackendTokenWatch {
        try ForkGuard.demandSameProcess()
        let uri = self.uri
        return PKCS11TokenWatch(search.modules, quirkSwitches, host: host) { slot throws(KeyStoreError) in
            try slot.matches(uri)
        }
    }
}
