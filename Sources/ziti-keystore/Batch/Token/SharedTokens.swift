import KeyStoreCore

/// The stores of a batch: each token's is opened once and stays open, so that the login lasts for all rows. There are as many
/// as there are tokens, not as there are rows.
actor SharedTokens {
    /// A store, and who may use it.
    struct Entry: Sendable {
        let store: any KeyStore
        /// Nil for a store that has no device under it, such as a key file's: it is the row's own.
        let admission: TokenAdmission?
        /// Names the token; nil likewise.
        let token: KeyStoreURI?
    }

    private let describe: @Sendable (KeyStoreURI) throws(KeyStoreError) -> URIInfo
    private let openStore: @Sendable (KeyStoreURI) async throws(KeyStoreError) -> any KeyStore
    /// By the token, and by what a reference says of how it is to be reached.
    private var stores: [String: any KeyStore] = [:]
    /// By the token alone.
    private var admissions: [String: TokenAdmission] = [:]
    /// By what references say but for the key: looking for a token costs more than looking for a key on it.
    private var known: [TokenSelector: Entry] = [:]

    /// How many references to tokens are remembered. Where rows say more than that, tokens are looked for again.
    private static let maximumKnown = 256

    /// `describe` reads a reference without touching a device; `open` opens the store that it names, and logs in nowhere.
    init(
        describe: @escaping @Sendable (KeyStoreURI) throws(KeyStoreError) -> URIInfo,
        open: @escaping @Sendable (KeyStoreURI) async throws(KeyStoreError) -> any KeyStore
    ) {
        self.describe = describe
        openStore = open
    }

    /// The store that the reference names. Closing one that is shared does nothing.
    func open(_ uri: KeyStoreURI) async throws(KeyStoreError) -> Entry {
        let info = try describe(uri)
        if let entry = known.first(where: { $0.key.selects(uri, info) })?.value { return entry }
        let own = try await openStore(uri)
        guard !own.backend.computesOnly else { return Entry(store: own, admission: nil, token: nil) }
        let token: KeyStoreURI
        do throws(KeyStoreError) {
            token = try await Self.token(of: own)
        } catch {
            await own.close()
            throw error
        }
        let admission = admissions[token.text] ?? TokenAdmission()
        admissions[token.text] = admission
        let name = "\(token) \(uri.query ?? "")"
        if let shared = stores[name] {
            await own.close()
            return Entry(store: BorrowedStore(shared), admission: admission, token: token)
        }
        stores[name] = own
        return Entry(store: BorrowedStore(own), admission: admission, token: token)
    }

    /// Remembers that the reference led to this store, and to a key on it that has the other reference. Which attributes name
    /// the key and not the token follows from these.
    func remember(_ entry: Entry, at uri: KeyStoreURI, key: KeyStoreURI) {
        guard let token = entry.token, known.count < Self.maximumKnown, let asked = try? describe(uri),
            !known.contains(where: { $0.key.selects(uri, asked) }), let found = try? describe(key),
            let bare = try? describe(token)
        else { return }
        let keyNames = Set(found.attributes.map(\.name)).subtracting(bare.attributes.map(\.name))
        known[TokenSelector(uri, asked, keyNames: keyNames)] = entry
    }

    /// Closes all stores, and with them ends the logins.
    func close() async {
        let open = stores.values
        stores = [:]
        known = [:]
        for store in open { await store.close() }
    }

    /// The one token that the store is for. Which one that is where several match is the backend's to say.
    private static func token(of store: any KeyStore) async throws(KeyStoreError) -> KeyStoreURI {
        let tokens = try await store.tokens()
        if tokens.count == 1 { return tokens[0].uri }
        let session = try await store.openSession(SessionOptions(login: .never), pin: .none)
        let token = session.token.uri
        await session.close()
        return token
    }
}
