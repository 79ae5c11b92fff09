public import KeyStoreCore
public import KeyStorePlugin

/// Keys in the PIV applet of a YubiKey, or of another PIV card, spoken to directly through pcscd.
public final class PIVBackend: Backend {
    /// What the backend says of itself.
    public static let info = BackendInfo(
        name: "piv", version: "0.1.0", schemes: [PIVURI.scheme], reads: [PIVURI.pkcs11Scheme],
        abilities: [
            .administering, .agreeing, .attesting, .certificates, .decrypting, .deleting, .importing, .keyPolicies,
            .moving,
            .sdkReferences, .watching,
        ])

    let uri: PIVURI
    let limit: Duration
    let allowsLastTry: Bool
    let host: any BackendHost

    /// Reads a reference and gives its `piv:` form. Throws `invalidURI` with the reason.
    public static func describe(_ uri: KeyStoreURI) throws(KeyStoreError) -> URIInfo {
        let read = try PIVURI(uri)
        return URIInfo(normalised: try read.normalForm(), attributes: read.attributes, warnings: read.warnings)
    }

    /// Whether the candidate has every attribute that the pattern asks for.
    public static func uri(
        _ pattern: KeyStoreURI, matches candidate: KeyStoreURI
    ) throws(KeyStoreError) -> Bool {
        try PIVURI(pattern).matches(try PIVURI(candidate))
    }

    /// Reads the reference. Touches no reader.
    public init(opening request: OpenRequest, host: any BackendHost) throws(KeyStoreError) {
        uri = try PIVURI(request.uri)
        limit = request.timeoutMilliseconds.map { .milliseconds(Int($0)) } ?? Self.defaultLimit
        allowsLastTry = request.allowsLastTry
        self.host = host
    }

    /// The tokens that the reference matches, reader by reader; empty readers only where `all` is set.
    public func forEachToken(all: Bool, _ body: (TokenInfo) -> Bool) throws(KeyStoreError) {
        let search = search(host)
        try search.forEach { (token) throws(KeyStoreError) in body(try token.info()) }
        guard all else { return }
        for reader in try search.emptyReaders() {
            let uri = try PIVURI(serial: nil, reader: reader).normalForm()
            guard body(TokenInfo(uri: uri, label: "", location: reader)) else { return }
        }
    }

    /// Opens a session on the one token that the reference matches. No PIN is asked for while several do.
    public func openSession(
        _ options: SessionOptions, host: any BackendHost
    ) throws(KeyStoreError) -> any BackendSession {
        let search = search(host)
        let connection = TokenConnection(try search.only(), search)
        return try PIVSession.open(connection, options, pinProvider(host), uri)
    }

    /// Nothing is held between sessions.
    public func close() {}

    func search(_ host: any BackendHost) -> TokenSearch { TokenSearch(uri: uri, limit: limit, host: host) }

    /// Where the PINs of a session on one of the store's tokens come from.
    func pinProvider(_ host: any BackendHost) -> PINProvider {
        PINProvider(reference: uri.pin, host: host, allowsLastTry: allowsLastTry, rejected: .shared)
    }

    /// How long another program that holds the card is waited for.
    private static let defaultLimit = Duration.seconds(10)
}
