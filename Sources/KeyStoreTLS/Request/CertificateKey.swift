public import KeyStoreCore
public import SwiftASN1
public import X509
public import struct FoundationEssentials.Data
public import protocol FoundationEssentials.DataProtocol

/// A key of a store as swift-certificates takes private keys. It signs asynchronously only, and cannot be serialised,
/// because the key stays where it is.
public struct CertificateKey: CustomPrivateKey {
    /// The public key.
    public let publicKey: Certificate.PublicKey
    /// What signs where the caller does not choose.
    public let defaultSignatureAlgorithm: Certificate.SignatureAlgorithm
    /// What the key can sign certificates and requests with. RSASSA-PSS is not among them: swift-certificates has no name
    /// for it.
    public let supportedSignatureAlgorithms: [Certificate.SignatureAlgorithm]

    private let key: any Key
    private let der: [UInt8]

    /// Wraps a key. `algorithms` says what it may sign with, best first. Throws `unsupportedMechanism` if none of them is
    /// one that swift-certificates knows, or if it does not take the public key (RSA below 2048 bits).
    public init(_ key: any Key, publicKey: PublicKey, algorithms: [SignatureAlgorithm]) throws(KeyStoreError) {
        let supported = algorithms.filter { publicKey.type.algorithms.contains($0) }.compactMap(\.certificateAlgorithm)
        guard let first = supported.first else {
            throw KeyStoreError(
                .unsupportedMechanism, "the \(publicKey.type) key signs with nothing that certificates know",
                operation: "prepare key for certificates", subject: key.info.uri.text)
        }
        do {
            self.publicKey = try Certificate.PublicKey(derEncoded: publicKey.der)
        } catch {
            throw KeyStoreError(
                .unsupportedMechanism,
                "a public key of the type \(publicKey.type) is not accepted in certificates here",
                operation: "prepare key for certificates", subject: key.info.uri.text, underlying: error)
        }
        defaultSignatureAlgorithm = first
        supportedSignatureAlgorithms = supported
        self.key = key
        der = publicKey.der
    }

    /// Refused: signing may wait for a device or a person.
    public func signSynchronously(
        bytes: some DataProtocol, signatureAlgorithm: Certificate.SignatureAlgorithm
    ) throws -> Certificate.Signature {
        throw KeyStoreError(
            .unsupportedOperation, "a key in a store signs asynchronously only", operation: "sign",
            subject: key.info.uri.text)
    }

    /// Signs the bytes, which the store hashes. Throws `KeyStoreError`.
    public func signAsynchronously(
        bytes: some DataProtocol & Sendable, signatureAlgorithm: Certificate.SignatureAlgorithm
    ) async throws -> Certificate.Signature {
        guard supportedSignatureAlgorithms.contains(signatureAlgorithm),
            let algorithm = key.info.type?.algorithms.first(where: { $0.certificateAlgorithm == signatureAlgorithm })
        else {
            throw KeyStoreError(
                .unsupportedMechanism, "the key does not sign with \(signatureAlgorithm)", operation: "sign",
                subject: key.info.uri.text)
        }
        let signature = try await key.sign(Array(bytes), using: algorithm)
        return try Certificate.Signature(
            signatureAlgorithm: signatureAlgorithm, signatureBytes: ASN1BitString(bytes: signature[...]))
    }

    /// The label a PEM form would have, if there were one.
    public static var defaultPEMDiscriminator: String { "PRIVATE KEY" }

    /// Refused: the key does not leave its store.
    public func serialize(into coder: inout DER.Serializer) throws {
        throw KeyStoreError(
            .unsupportedOperation, "a key in a store cannot be serialised", operation: "serialise key",
            subject: key.info.uri.text)
    }

    /// Two keys are equal when their public keys are.
    public static func == (left: CertificateKey, right: CertificateKey) -> Bool { left.der == right.der }

    /// Hashes the public key.
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}
