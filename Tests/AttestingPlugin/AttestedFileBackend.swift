import FileKeyStore
public import KeyStoreCore
public import KeyStorePlugin

/// The file backend, with attestations that a test lays beside its keys. It imitates a device that attests to keys as far as
/// the command line sees it: `KEY.attestation.0` is the certificate for the key in `KEY`, and the next numbers are its issuers,
/// in DER; a key without is one that was imported. Nothing attests to anything here, and there is no device.
///
/// A test gives the library the file backend's name in a folder of its own.
public final class AttestedFileBackend: Backend {
    /// The file backend's, with the one ability.
    public static let info = BackendInfo(
        name: FileBackend.info.name, version: "1.0.0", schemes: FileBackend.info.schemes, abilities: [.attesting],
        computesOnly: true)

    private let base: FileBackend

    /// As the file backend.
    public static func describe(_ uri: KeyStoreURI) throws(KeyStoreError) -> URIInfo { try FileBackend.describe(uri) }

    /// As the file backend.
    public static func uri(_ pattern: KeyStoreURI, matches candidate: KeyStoreURI) throws(KeyStoreError) -> Bool {
        try FileBackend.uri(pattern, matches: candidate)
    }

    /// As the file backend.
    public init(opening request: OpenRequest, host: any BackendHost) throws(KeyStoreError) {
        base = try FileBackend(opening: request, host: host)
    }

    /// As the file backend.
    public func forEachToken(all: Bool, _ body: (TokenInfo) -> Bool) throws(KeyStoreError) {
        try base.forEachToken(all: all, body)
    }

    /// As the file backend.
    public func openSession(
        _ options: SessionOptions, host: any BackendHost
    ) throws(KeyStoreError) -> any BackendSession {
        AttestedFileSession(try base.openSession(options, host: host))
    }

    /// As the file backend.
    public func close() { base.close() }
}
