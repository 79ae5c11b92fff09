import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import PKCS11KeyStore
import TemporaryFiles

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

    /// The message, encrypted with OAEP to the RSA key that seed 3 makes.
    static let ciphertext: [UInt8] = behaving("remove any\nkey RSA-2048 label=key seed=3") { open in
        let folder = TemporaryFolder()
        let options = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
        return try OpenSSLCommand.run(
            [
                "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey",
                try folder.write("key", open.key().publicKey().der),
            ] + options.flatMap { ["-pkeyopt", $0] }, input: message)
    }

    /// A key that no token has yet.
    static let pem: [UInt8] = behaving("") { _ in
        try OpenSSLCommand.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
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
