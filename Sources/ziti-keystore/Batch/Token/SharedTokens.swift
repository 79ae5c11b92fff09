import KeyStoreCore

/// The stores of a batch: each token's is opened once and stays open, so that the login lasts for all rows. There are as many
/// as there are tokens, not as there are rows.
actor SharedTokens {
    private let open: @Sendable (KeyStoreURI) async throws(KeyStoreError) -> any KeyStore
    /// By the token, and by what a reference says of how it is to be reached.
    private var stores: [String: any KeyStore] = [:]
    /// By the token alone.
    private var admissions: [String: TokenAdmission] = [:]

    /// `open` opens the store that a reference names, and logs in nowhere.
    init(open: @escaping @Sendable (KeyStoreURI) async throws(KeyStoreError) -> any KeyStore) { self.open = open }

    /// The store that the reference names. One that has no device under it, such as a key file, is the row's own and comes
    /// without an admission; closing another one does nothing.
    func open(_ uri: KeyStoreURI) async throws(KeyStoreError) -> (store: any KeyStore, admission: TokenAdmission?) {
        let own = try await open(uri)
        guard !own.backend.computesOnly else { return (own, nil) }
        let token: String
        do throws(KeyStoreError) {
            token = try await Self.token(of: own)
        } catch {
            await own.close()
            throw error
        }
        let admission = admissions[token] ?? TokenAdmission()
        admissions[token] = admission
        let name = "\(token) \(uri.query ?? "")"
        if let known = stores[name] {
            await own.close()
            return (BorrowedStore(known), admission)
        }
        stores[name] = own
        return (BorrowedStore(own), admission)
    }

    /// Closes all stores, and with them ends the logins.
    func close() async {
        let open = stores.values
        stores = [:]
        for store in open { await store.close() }
    }

    /// Names the one token that the store is for. Which one that is where several match is the backend's to say.
    private static func token(of store: any KeyStore) async throws(KeyStoreError) -> String {
        let tokens = try await store.tokens()
        if tokens.count == 1 { return tokens[0].uri.text }
        let session = try await store.openSession(SessionOptions(login: .never), pin: .none)
        let token = session.token.uri.text
        await session.close()
        return token
    }
}
