import FoundationEssentials
import KeyStoreCore
import KeyStorePlugin

/// A session of the file backend that finds attestations beside keys.
final class AttestedFileSession: KeyAttestingBackendSession {
    private let base: any BackendSession

    init(_ base: any BackendSession) { self.base = base }

    var token: TokenInfo { get throws(KeyStoreError) { try base.token } }

    func forEachKey(matching uri: KeyStoreURI?, _ body: (KeyInfo) -> Bool) throws(KeyStoreError) {
        try base.forEachKey(matching: uri, body)
    }

    func key(at uri: KeyStoreURI) throws(KeyStoreError) -> any BackendKey { try base.key(at: uri) }

    func generateKey(
        _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey { try base.generateKey(type, purpose: purpose, at: uri) }

    func attestation(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        _ = try base.publicKey(at: uri)
        let path = try AttestedFileBackend.describe(uri).attributes.first { $0.name == "path" }?.value ?? ""
        var certificates: [[UInt8]] = []
        while let data = try? Data(contentsOf: URL(filePath: "\(path).attestation.\(certificates.count)")) {
            certificates.append(Array(data))
        }
        guard !certificates.isEmpty else { throw KeyStoreError(.policyRefused, "this key was not made here") }
        return certificates
    }

    func close() { base.close() }
}
