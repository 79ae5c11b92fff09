import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore

/// Public keys as seeds make them, read from modules that behave.
enum KnownKeys {
    /// The key that every mock token begins with.
    static let first = publicKey(seed: 1)

    static func publicKey(_ type: String = "P-256", seed: Int) -> PublicKey {
        do {
            let open = try OpenMock(script: "remove any\nkey \(type) label=key seed=\(seed)")
            return try open.key().publicKey()
        } catch {
            fatalError("a mock that behaves does not work: \(error)")
        }
    }
}
