import Crypto
import Foundation
public import KeyStoreCore
import NIOSSL
import SwiftASN1
import X509

/// An authority of a test's own, which certifies a server on loopback and clients. It imitates a controller's PKI without an
/// intermediate and without extensions that only controllers read.
public struct TestAuthority: Sendable {
    /// The authority's certificate in DER.
    public let der: [UInt8]
    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName

    /// A new authority with a name and a key of its own.
    public init() throws {
        // Of its own, as authorities are told apart by their names.
        name = try DistinguishedName { CommonName("authority \(UUID().uuidString)") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: .now - 3600,
            notValidAfter: .now + 86_400, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
            }, issuerPrivateKey: .init(key))
        der = try Self.encoded(certificate)
    }

    /// The authority's certificate in PEM.
    public var pem: String { Self.pem("CERTIFICATE", der) }

    /// A server's certificate for localhost and 127.0.0.1, and its key, both in PEM.
    public func server() throws -> (certificate: String, key: String) {
        let key = P256.Signing.PrivateKey()
        let certificate = try issue(
            .init(key.publicKey), "server",
            .init {
                SubjectAlternativeNames([
                    .dnsName("localhost"), .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                ])
            })
        return (Self.pem("CERTIFICATE", certificate), key.pemRepresentation)
    }

    /// A client's certificate for a public key, in DER.
    public func client(_ publicKey: PublicKey, name: String = "client") throws -> [UInt8] {
        try issue(
            Certificate.PublicKey(derEncoded: publicKey.der), name,
            .init { try ExtendedKeyUsage([.clientAuth]) })
    }

    private func issue(
        _ publicKey: Certificate.PublicKey, _ subject: String, _ extensions: Certificate.Extensions
    ) throws -> [UInt8] {
        try Self.encoded(
            Certificate(
                version: .v3, serialNumber: .init(), publicKey: publicKey, notValidBefore: .now - 3600,
                notValidAfter: .now + 86_400, issuer: name, subject: try DistinguishedName { CommonName(subject) },
                signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: .init(key)))
    }

    /// A PEM block with a line end behind it.
    public static func pem(_ type: String, _ der: [UInt8]) -> String {
        PEMDocument(type: type, derBytes: der).pemString + "\n"
    }

    private static func encoded(_ certificate: Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }
}
