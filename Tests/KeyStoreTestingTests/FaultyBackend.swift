import KeyStoreCore
import KeyStorePlugin
import KeyStoreTesting

/// The in-memory backend with one fault, which its token's name begins with: `memory:wrongSignature-1`. Makes few
/// types of keys, so that a run is short.
final class FaultyBackend: Backend {
    static let info = {
        var info = InMemoryBackend.info
        info.abilities.remove(.administering)
        return info
    }()
    static let rightPIN = "1234"

    private let inner: InMemoryBackend
    private let fault: Fault

    static func describe(_ uri: KeyStoreURI) throws(KeyStoreError) -> URIInfo { try InMemoryBackend.describe(uri) }

    static func uri(_ pattern: KeyStoreURI, matches candidate: KeyStoreURI) throws(KeyStoreError) -> Bool {
        try InMemoryBackend.uri(pattern, matches: candidate)
    }

    init(opening request: OpenRequest, host: any BackendHost) throws(KeyStoreError) {
        inner = try InMemoryBackend(opening: request, host: host)
        fault = Fault(rawValue: String(request.uri.path.prefix { $0 != "-" })) ?? .none
    }

    func forEachToken(all: Bool, _ body: (TokenInfo) -> Bool) throws(KeyStoreError) {
        try inner.forEachToken(all: all, body)
    }

    func openSession(
        _ options: SessionOptions, host: any BackendHost
    ) throws(KeyStoreError) -> any BackendSession {
        var options = options
        if fault == .ignoresReadOnly { options.isWritable = true }
        let session = try inner.openSession(options, host: FaultyHost(inner: host, fault: fault))
        return FaultySession(session as! any FaultySession.Inner, fault: fault)
    }

    func close() { inner.close() }
}

/// Asks for PINs more often than it should, or takes any.
final class FaultyHost: BackendHost {
    private let inner: any BackendHost
    private let fault: Fault

    init(inner: any BackendHost, fault: Fault) {
        self.inner = inner
        self.fault = fault
    }

    func secret(_ request: PINRequest) throws(KeyStoreError) -> PIN {
        if fault == .asksTwice { _ = try inner.secret(request) }
        let pin = try inner.secret(request)
        return fault == .acceptsAnyPIN ? try PIN(FaultyBackend.rightPIN) : pin
    }

    func allowLibrary(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {
        try inner.allowLibrary(path, origin: origin)
    }

    func notice(_ notice: Notice) { inner.notice(notice) }
}
