import KeyStoreCore
import KeyStorePlugin
import KeyStoreTesting

/// The token that is there from the beginning.
enum FurnishedToken {
    static func make() throws(KeyStoreError) {
        let host = KnowingHost()
        let uri = try KeyStoreURI("memory:furnished")
        let backend = try InMemoryBackend(opening: OpenRequest(uri: uri), host: host)
        _ = try backend.reset(host: host)
        let session = try backend.openSession(SessionOptions(isWritable: true), host: host)
        _ = try session.generateKey(.ecP256, at: try KeyStoreURI("memory:furnished;object=made;id=%01"))
        session.close()
        backend.close()
    }
}

/// Knows the PIN that everybody knows.
private final class KnowingHost: BackendHost {
    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN { try PIN("123456") }
    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {}
    func notice(_ notice: Notice) {}
}
