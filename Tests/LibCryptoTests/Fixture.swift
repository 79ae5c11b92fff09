import KeyStoreCore
import LibCrypto
import OpenSSL

/// A private key that the `openssl` program wrote.
struct Fixture: CustomStringConvertible, Sendable {
    static let passphrase = "correct horse"

    let description: String
    let type: KeyType
    let isEncrypted: Bool
    let pem: [UInt8]

    /// Every form of private key that OpenSSL writes, for the types that we use.
    static let all: [Fixture] = [
        plain("PKCS#8 P-256", .ecP256, p256),
        plain("PKCS#8 P-384", .ecP384, genpkey("EC", "ec_paramgen_curve:P-384")),
        plain("PKCS#8 P-521", .ecP521, genpkey("EC", "ec_paramgen_curve:P-521")),
        plain("PKCS#8 RSA 2048", .rsa(bits: 2048), rsa),
        plain("PKCS#8 RSA 3072", .rsa(bits: 3072), genpkey("RSA", "rsa_keygen_bits:3072")),
        plain("PKCS#8 RSA 4096", .rsa(bits: 4096), genpkey("RSA", "rsa_keygen_bits:4096")),
        plain("PKCS#8 Ed25519", .ed25519, ed25519),
        plain("PKCS#1", .rsa(bits: 2048), convert(["rsa", "-traditional"], rsa)),
        plain("SEC1", .ecP256, convert(["ec"], p256)),
        plain(
            "SEC1 behind EC PARAMETERS", .ecP384, convert(["ecparam", "-name", "secp384r1", "-genkey"], [])),
        plain("SEC1 without the public key", .ecP256, convert(["ec", "-no_public"], p256)),
        plain("SEC1 with a compressed point", .ecP256, convert(["ec", "-conv_form", "compressed"], p256)),
        plain("SEC1 with explicit parameters", .ecP256, convert(["ec", "-param_enc", "explicit"], p256)),
        plain("behind a certificate", .ecP256, certificate + p256),
        encrypted("PBES2, PBKDF2, AES-256", .ecP256, convert(topk8 + ["-v2", "aes-256-cbc"], p256)),
        encrypted(
            "PBES2, PBKDF2 with SHA-512, AES-128", .ed25519,
            convert(topk8 + ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"], ed25519)),
        encrypted("PBES2, scrypt, AES-256", .rsa(bits: 2048), convert(topk8 + ["-scrypt"], rsa)),
        encrypted(
            "PKCS#1 with DEK-Info", .rsa(bits: 2048), convert(["rsa", "-traditional", "-aes256"] + passout, rsa)),
        encrypted("SEC1 with DEK-Info", .ecP256, convert(["ec", "-aes256"] + passout, p256)),
        encrypted("SEC1 with DEK-Info, triple DES", .ecP256, convert(["ec", "-des3"] + passout, p256)),
    ]

    static let p256 = genpkey("EC", "ec_paramgen_curve:P-256")
    static let rsa = genpkey("RSA", "rsa_keygen_bits:2048")
    static let ed25519 = convert(["genpkey", "-algorithm", "ED25519"], [])
    static let certificate = convert(
        [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null",
            "-subj", "/CN=somebody",
        ], [])

    static func named(_ name: String) -> Fixture { all.first { $0.description == name }! }

    static func genpkey(_ algorithm: String, _ option: String) -> [UInt8] {
        convert(["genpkey", "-algorithm", algorithm, "-pkeyopt", option], [])
    }

    /// Fixtures are made when first used; without the program nothing here can be tested, and everything fails.
    static func convert(_ arguments: [String], _ input: [UInt8]) -> [UInt8] {
        do {
            return try OpenSSLCommand.run(arguments, input: input)
        } catch {
            fatalError("\(error)")
        }
    }

    private static let passout = ["-passout", "pass:\(passphrase)"]
    private static let topk8 = ["pkcs8", "-topk8"] + passout

    private static func plain(_ name: String, _ type: KeyType, _ pem: [UInt8]) -> Fixture {
        Fixture(description: name, type: type, isEncrypted: false, pem: pem)
    }

    private static func encrypted(_ name: String, _ type: KeyType, _ pem: [UInt8]) -> Fixture {
        Fixture(description: name, type: type, isEncrypted: true, pem: pem)
    }
}

extension PrivateKey {
    /// Reads a PEM text with a passphrase, and counts how often it was asked for.
    static func reading(_ pem: [UInt8], passphrase: String) throws -> (key: PrivateKey, asked: Int) {
        var asked = 0
        let key = try pem.withUnsafeBytes { bytes in
            try PrivateKey(pem: bytes) { () throws(KeyStoreError) in
                asked += 1
                return try PIN(passphrase)
            }
        }
        return (key, asked)
    }

    /// The error that reading a PEM text ends in, and how often the passphrase was asked for.
    static func refusal(
        of pem: [UInt8], passphrase: String = Fixture.passphrase
    ) -> (error: KeyStoreError?, asked: Int) {
        var asked = 0
        do {
            _ = try pem.withUnsafeBytes { bytes in
                try PrivateKey(pem: bytes) { () throws(KeyStoreError) in
                    asked += 1
                    return try PIN(passphrase)
                }
            }
            return (nil, asked)
        } catch {
            return (error as? KeyStoreError, asked)
        }
    }

    func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        try message.withUnsafeBytes { try sign(message: $0, using: algorithm) }
    }

    func sign(digest: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        try digest.withUnsafeBytes { try sign(digest: $0, using: algorithm) }
    }
}

extension PIN {
    var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
    var bytes: [UInt8] { withBytes { Array($0) } }
}

extension SignatureAlgorithm {
    var opensslHash: String? { hash?.rawValue.lowercased().filter { $0 != "-" } }
}
