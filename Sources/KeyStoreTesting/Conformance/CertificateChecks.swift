import Crypto
import FoundationEssentials
import KeyStoreCore
import SwiftASN1
import X509

extension KeyStoreConformance {
    static let certificateChecks: [Check] = [
        Check(statement: "a certificate is stored beside its key, replaced, read back and removed") { suite in
            try await suite.withSession { session in
                guard let certificates = session.certificates else { return }
                let key = try await suite.makeKey("certificate", in: session)
                let uri = key.info.uri
                let publicKey = try await key.publicKey()
                if suite.subject.limits.contains(.storingCertificates) {
                    let certificate = try Self.certificate(for: publicKey, serial: 1)
                    return try await suite.expectLimit(
                        .storingCertificates, .unsupportedOperation, .policyRefused, of: "a certificate"
                    ) {
                        try await certificates.store([certificate], at: uri)
                    }
                }
                try await suite.expectRefusal(.noSuchCertificate, of: "a certificate before one was stored") {
                    try await certificates.certificates(at: uri)
                }
                for serial in [1, 2] {
                    let certificate = try Self.certificate(for: publicKey, serial: serial)
                    try await certificates.store([certificate], at: uri)
                    let read = try await certificates.certificates(at: uri)
                    try suite.expect(read == [certificate], "other bytes came back, or others too")
                }
                let listed = try await session.keys(matching: uri)
                try suite.expect(listed.first?.hasCertificate == true, "the listing shows no certificate")
                try await certificates.removeCertificates(at: uri)
                try await suite.expectRefusal(.noSuchCertificate, of: "a certificate after it was removed") {
                    try await certificates.certificates(at: uri)
                }
                _ = try await session.key(at: uri)
            }
        },
        Check(statement: "a certificate for another key, or what is none, is invalidData and changes nothing") {
            suite in
            guard !suite.subject.limits.contains(.storingCertificates) else { return }
            try await suite.withSession { session in
                guard let certificates = session.certificates else { return }
                let key = try await suite.makeKey("foreign-certificate", in: session)
                let right = try Self.certificate(for: try await key.publicKey(), serial: 1)
                let other = try PublicKey(der: Array(P256.Signing.PrivateKey().publicKey.derRepresentation))
                let wrong = try Self.certificate(for: other, serial: 2)
                try await certificates.store([right], at: key.info.uri)
                for bytes in [wrong, [0x30, 0x03, 0x02, 0x01, 0x01], Array(right.dropLast())] {
                    try await suite.expectRefusal(.invalidData, of: "it") {
                        try await certificates.store([bytes], at: key.info.uri)
                    }
                }
                let kept = try await certificates.certificates(at: key.info.uri)
                try suite.expect(kept == [right], "the certificate that was there is gone")
            }
        },
    ]

    /// A certificate for a public key, by an issuer that exists for this call only.
    static func certificate(for publicKey: PublicKey, serial: Int) throws -> [UInt8] {
        let name = try DistinguishedName { CommonName("conformance") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(serial), publicKey: .init(derEncoded: publicKey.der),
            notValidBefore: Date(timeIntervalSince1970: 1_700_000_000),
            notValidAfter: Date(timeIntervalSince1970: 4_000_000_000), issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: .init(),
            issuerPrivateKey: .init(P256.Signing.PrivateKey()))
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }
}
