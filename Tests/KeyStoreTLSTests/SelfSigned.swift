import Crypto
import Foundation
import KeyStoreCore
import KeyStoreTLS
import NIOSSL
import SwiftASN1
import X509

/// Certificates that sign themselves.
enum SelfSigned {
    /// A server's for 127.0.0.1, with its key.
    static func server() throws -> ([UInt8], NIOSSLPrivateKeySource) {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("server") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: .now - 60,
            notValidAfter: .now + 3600, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try extensions(), issuerPrivateKey: .init(key))
        let pem = Array(key.pemRepresentation.utf8)
        return (try der(certificate), .privateKey(try NIOSSLPrivateKey(bytes: pem, format: .pem)))
    }

    /// A client's, for a key in a store, signed by a fresh authority that comes second.
    static func client(_ key: any Key) async throws -> (leaf: [UInt8], authority: [UInt8]) {
        let issuer = P256.Signing.PrivateKey()
        let issuerName = try DistinguishedName { CommonName("authority") }
        let authority = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(issuer.publicKey), notValidBefore: .now - 60,
            notValidAfter: .now + 3600, issuer: issuerName, subject: issuerName, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) },
            issuerPrivateKey: .init(issuer))
        let leaf = try Certificate(
            version: .v3, serialNumber: .init(),
            publicKey: Certificate.PublicKey(derEncoded: try await key.publicKey().der), notValidBefore: .now - 60,
            notValidAfter: .now + 3600, issuer: issuerName, subject: try DistinguishedName { CommonName("client") },
            signatureAlgorithm: .ecdsaWithSHA256, extensions: .init(), issuerPrivateKey: .init(issuer))
        return (try der(leaf), try der(authority))
    }

    private static func extensions() throws -> Certificate.Extensions {
        try .init {
            Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
            SubjectAlternativeNames([.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))])
        }
    }

    private static func der(_ certificate: Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }
}
