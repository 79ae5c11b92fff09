/// A public key as a SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7), with its type read from it.
public struct PublicKey: Hashable, Sendable {
    /// The longest SubjectPublicKeyInfo that is read, in bytes; RSA with 16384 bits needs some 2100.
    public static let maximumLength = 8192

    /// The SubjectPublicKeyInfo.
    public let der: [UInt8]
    /// What it holds.
    public let type: KeyType

    /// Reads a SubjectPublicKeyInfo. Throws `invalidReply` if it is malformed, and `unsupportedMechanism` for an algorithm
    /// or curve that this library does not know.
    public init(der: [UInt8]) throws(KeyStoreError) {
        type = try SubjectPublicKeyInfo.keyType(of: der)
        self.der = der
    }
}
