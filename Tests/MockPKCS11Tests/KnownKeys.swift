import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore

/// Public keys as seeds make them, read from modules that behave.
enum KnownKeys {
    /// The key that every mock token begins with.
    static let first = publicKey(seed: 1)

    /// A certificate of the second key's.
    static let certificate: [UInt8] = behaving("key P-256 label=other seed=2 certificate=yes") { open in
        let session = open.session as? any CertificateBackendSession
        return try session?.certificates(at: try open.uri("object=other")).first ?? []
    }

    /// What the second key and the first agree on.
    static let sharedSecret: [UInt8] = behaving("key P-256 label=other seed=2") { open in
        let key = try open.key("object=other") as? any AgreeingBackendKey
        return try key?.sharedSecret(with: first).withBytes { Array($0) } ?? []
    }

    static func publicKey(_ type: String = "P-256", seed: Int) -> PublicKey {
        behaving("remove any\nkey \(type) label=key seed=\(seed)") { try $0.key().publicKey() }
    }

    private static func behaving<Result>(_ script: String, _ body: (OpenMock) throws -> Result) -> Result {
        do {
            return try body(try OpenMock(script: script))
        } catch {
            fatalError("a mock that behaves does not work: \(error)")
        }
    }
}
