import Crypto
import FoundationEssentials
import KeyStoreCore
import SwiftASN1
import X509

extension KeyStoreConformance {
    static let chainChecks: [Check] = [
        Check(statement: "a chain of certificates is read back whole, also when another key shares its issuers") {
            suite in
            guard !suite.subject.limits.contains(.storingCertificates) else { return }
            try await suite.withSession { session in
                guard let certificates = session.certificates else { return }
                let root = P256.Signing.PrivateKey()
                let middle = P256.Signing.PrivateKey()
                let issuers = [
                    try Self.certificate(named: "middle", .init(middle.publicKey), by: root, named: "root"),
                    try Self.certificate(named: "root", .init(root.publicKey), by: root, named: "root"),
                ]
                let keys = [
                    try await suite.makeKey("chain-1", in: session), try await suite.makeKey("chain-2", in: session),
                ]
                for (index, key) in keys.enumerated() {
                    let publicKey = try await key.publicKey()
                    let leaf = try Self.certificate(
                        named: "leaf \(index)", .init(derEncoded: publicKey.der), by: middle, named: "middle")
                    if suite.subject.limits.contains(.chains) {
                        return try await suite.expectLimit(
                            .chains, .unsupportedOperation, .invalidData, .policyRefused, of: "a chain of three"
                        ) {
                            try await certificates.store([leaf] + issuers, at: key.info.uri)
                        }
                    }
                    try await certificates.store([leaf] + issuers, at: key.info.uri)
                    let read = try await certificates.certificates(at: key.info.uri)
                    try suite.expect(read == [leaf] + issuers, "\(read.count) certificates come back, or others")
                }
                try await certificates.removeCertificates(at: keys[0].info.uri)
                let left = try await certificates.certificates(at: keys[1].info.uri)
                try suite.expect(left.count == 3, "with the first key's chain the second's went too")
            }
        }
    ]

    private static func certificate(
        named subject: String, _ key: X509.Certificate.PublicKey, by issuerKey: P256.Signing.PrivateKey,
        named issuer: String
    ) throws -> [UInt8] {
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key,
            notValidBefore: Date(timeIntervalSince1970: 1_700_000_000),
            notValidAfter: Date(timeIntervalSince1970: 4_000_000_000),
            issuer: try DistinguishedName { CommonName("conformance \(issuer)") },
            subject: try DistinguishedName { CommonName("conformance \(subject)") },
            signatureAlgorithm: .ecdsaWithSHA256, extensions: .init(), issuerPrivateKey: .init(issuerKey))
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }
}
