internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials

/// A credential: the user name and password that an enrollment of method `updb` earned.
struct PasswordAuthenticator: Codable, Sendable {
    var id: String
    var identityID: String
    var username: String
    /// What the password is derived with, and what came of it; the password itself is not kept.
    var salt: [UInt8]
    var derived: [UInt8]
    var createdAt: Date
    /// The enrollment that this one used up; see `Authenticator.tokenDigest`.
    var tokenDigest: String

    init(identityID: String, username: String, password: String, now: Date, tokenDigest: String) throws {
        id = Identifier.entity()
        self.identityID = identityID
        self.username = username
        salt = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        derived = try PasswordAuthenticator.derive(password, salt)
        createdAt = now
        self.tokenDigest = tokenDigest
    }

    func matches(_ password: String) -> Bool {
        (try? PasswordAuthenticator.derive(password, salt)) == derived
    }

    /// PBKDF2 with few rounds: these passwords protect nothing, and tests wait for it.
    private static func derive(_ password: String, _ salt: [UInt8]) throws -> [UInt8] {
        let key = try KDF.Insecure.PBKDF2.deriveKey(
            from: Data(password.utf8), salt: salt, using: .sha256, outputByteCount: 32, unsafeUncheckedRounds: 1000)
        return key.withUnsafeBytes { Array($0) }
    }
}
