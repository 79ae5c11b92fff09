import Crypto
import Foundation
import KeyStoreCore
import KeyStoreTLS
import NIOSSL
import SwiftASN1
import X509

/// Certificates that sign themselves.
enum SelfSigned {
    /// A server's for 127.0.0.1, the one that it had before and that has expired, and their key.
    static func server() throws -> (certificate: [UInt8], previous: [UInt8], key: NIOSSLPrivateKeySource) {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("server") }
        func certificate(from: Date, until: Date) throws -> [UInt8] {
            try der(
                Certificate(
                    version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: from,
                    notValidAfter: until, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
                    extensions: try extensions(), issuerPrivateKey: .init(key)))
        }
        let pem = Array(key.pemRepresentation.utf8)
        return (
            try certificate(from: .now - 60, until: .now + 3600),
            try certificate(from: .now - 7200, until: .now - 3600),
            .privateKey(try NIOSSLPrivateKey(bytes: pem, format: .pem))
        )
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
