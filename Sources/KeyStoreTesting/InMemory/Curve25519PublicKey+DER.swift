import Crypto
import FoundationEssentials
import KeyStoreCore

/// The form in which this library has X25519 keys, which the crypto library does not know: what RFC 8410 §4 puts in front of
/// the 32 bytes of the key.
extension Curve25519.KeyAgreement.PublicKey {
    private static let prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x6E, 0x03, 0x21, 0x00]

    /// The SubjectPublicKeyInfo, DER.
    var subjectPublicKeyInfo: [UInt8] { Self.prefix + rawRepresentation }

    /// The key of a SubjectPublicKeyInfo. Throws for one of another type.
    init(agreeing key: PublicKey) throws {
        guard key.type == .x25519 else { throw Disproof("a \(key.type) key is no X25519 key") }
        try self.init(rawRepresentation: key.der.suffix(32))
    }
}
