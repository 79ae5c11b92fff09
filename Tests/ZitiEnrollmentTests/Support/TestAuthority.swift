import Crypto
import Foundation
import KeyStoreCore
import SwiftASN1
import X509

@testable import ZitiEnrollment

/// A certificate authority that issues what no controller would.
struct TestAuthority {
    let key = P256.Signing.PrivateKey()
    let certificate: Certificate

    init() throws {
        let name = try DistinguishedName { CommonName("authority") }
        certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: .now - 1e9,
            notValidAfter: .now + 1e9, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) },
            issuerPrivateKey: .init(key))
    }

    var trust: ControllerTrust {
        get throws { try ControllerTrust(authorities: [certificate.derBytes]) }
    }

    /// Issues a certificate for a public key.
    func issue(
        _ publicKey: P256.Signing.PublicKey, from: Date = .now - 60, until: Date = .now + 3600,
        @ExtensionsBuilder extensions: () throws -> Result<Certificate.Extensions, any Error>
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(publicKey), notValidBefore: from,
            notValidAfter: until,
            issuer: certificate.subject, subject: try DistinguishedName { CommonName("id1") },
            signatureAlgorithm: .ecdsaWithSHA256, extensions: try extensions().get(), issuerPrivateKey: .init(key))
    }

    /// The authority's certificate in PEM.
    var pem: String { get throws { CertificateList.pem([try certificate.derBytes]) } }

    /// Issues a client certificate for a key in a store, in DER.
    func issueClient(
        _ publicKey: KeyStoreCore.PublicKey, name: String = "partner", from: Date = .now - 60,
        until: Date = .now + 3600, usage: ExtendedKeyUsage.Usage = .clientAuth
    ) throws -> [UInt8] {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(derEncoded: publicKey.der), notValidBefore: from,
            notValidAfter: until, issuer: certificate.subject, subject: try DistinguishedName { CommonName(name) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init { try ExtendedKeyUsage([usage]) }, issuerPrivateKey: .init(key)
        ).derBytes
    }
}
