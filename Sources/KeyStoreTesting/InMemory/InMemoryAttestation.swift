import Crypto
import FoundationEssentials
import KeyStoreCore
import SwiftASN1
import X509

/// Certificates for keys of tokens in memory, by a root that exists as long as the process does.
enum InMemoryAttestation {
    private static let rootKey = P256.Signing.PrivateKey()
    private static let rootName = "in-memory attestation root"

    /// The certificate for a public key, and the root's.
    static func chain(for publicKeyDER: [UInt8]) throws -> [[UInt8]] {
        [
            try certificate(named: "in-memory attestation", .init(derEncoded: publicKeyDER)),
            try certificate(named: rootName, .init(rootKey.publicKey)),
        ]
    }

    private static func certificate(named subject: String, _ key: Certificate.PublicKey) throws -> [UInt8] {
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key,
            notValidBefore: Date(timeIntervalSince1970: 1_700_000_000),
            notValidAfter: Date(timeIntervalSince1970: 4_000_000_000),
            issuer: try DistinguishedName { CommonName(rootName) },
            subject: try DistinguishedName { CommonName(subject) },
            signatureAlgorithm: .ecdsaWithSHA256, extensions: .init(), issuerPrivateKey: .init(rootKey))
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }
}
