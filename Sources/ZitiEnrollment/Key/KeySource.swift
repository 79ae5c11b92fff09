public import KeyStoreCore

/// Where the key of an enrollment or an authentication is: a store, the reference that names one key in it, and where a
/// PIN comes from.
public struct KeySource: Sendable {
    /// Names the key.
    public let uri: KeyStoreURI
    /// Asked when the store needs a PIN or passphrase.
    public let pin: PINSource

    private let opening: @Sendable () async throws(KeyStoreError) -> any KeyStore
    private let isOwned: Bool

    /// A key in a store that is open already. The store stays the caller's, who closes it.
    public init(store: any KeyStore, uri: KeyStoreURI? = nil, pin: PINSource) {
        self.uri = uri ?? store.uri
        self.pin = pin
        opening = { () throws(KeyStoreError) in store }
        isOwned = false
    }

    /// A key in a store that is opened when its turn comes, and closed afterwards.
    public init(
        uri: KeyStoreURI, pin: PINSource,
        opening: @escaping @Sendable () async throws(KeyStoreError) -> any KeyStore
    ) {
        self.uri = uri
        self.pin = pin
        self.opening = opening
        isOwned = true
    }

    /// Opens the store, if need be. `isOwned` says that whoever called closes it.
    package func openStore() async throws(KeyStoreError) -> (store: any KeyStore, isOwned: Bool) {
        (try await opening(), isOwned)
    }

    /// Opens the store, if need be, and a session on its token. A session that may write is opened where `forWriting` is
    /// set; where that is refused and not `mustWrite`, one that may not.
    func openSession(forWriting: Bool, mustWrite: Bool) async throws(KeyStoreError) -> OpenedStore {
        let store = try await opening()
        let owned = isOwned ? store : nil
        do throws(KeyStoreError) {
            let writes = mustWrite || (forWriting && store.backend.abilities.contains(.certificates))
            do throws(KeyStoreError) {
                let session = try await store.openSession(SessionOptions(isWritable: writes), pin: pin)
                return OpenedStore(session: session, owned: owned)
            } catch {
                guard writes, !mustWrite, error.code == .policyRefused || error.code == .unsupportedOperation else {
                    throw error
                }
                return OpenedStore(session: try await store.openSession(SessionOptions(), pin: pin), owned: owned)
            }
        } catch {
            await owned?.close()
            throw error
        }
    }
}
