import KeyStoreCore

/// A store that others use too: closing it is not the borrower's.
struct BorrowedStore: KeyStore {
    private let store: any KeyStore

    init(_ store: any KeyStore) { self.store = store }

    var backend: BackendInfo { store.backend }
    var uri: KeyStoreURI { store.uri }
    var administration: (any TokenAdministering)? { store.administration }
    var watching: (any TokenWatching)? { store.watching }

    func tokens(all: Bool) async throws(KeyStoreError) -> [TokenInfo] { try await store.tokens(all: all) }

    func openSession(_ options: SessionOptions, pin: PINSource) async throws(KeyStoreError) -> any KeyStoreSession {
        try await store.openSession(options, pin: pin)
    }

    func withSession<Result: Sendable>(
        _ options: SessionOptions, pin: PINSource,
        _ body: @concurrent @Sendable (any KeyStoreSession) async throws -> Result
    ) async throws -> Result {
        try await store.withSession(options, pin: pin, body)
    }

    func close() async {}
}
