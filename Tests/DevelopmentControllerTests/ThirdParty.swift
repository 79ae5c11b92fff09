import Crypto
@testable import DevelopmentController
import Foundation
import NIOSSL
import X509

/// Somebody else's CA, as the one of the recordings, and the client certificates it issues.
struct ThirdParty {
    private let key: SigningKey
    private let subject: [UInt8]
    private let certificate: [UInt8]

    /// Makes a CA that signs its own certificate, or one below another CA.
    init(commonName: String = "thirdparty", below other: ThirdParty? = nil) throws {
        key = try SigningKey(.p256)
        subject = try ThirdParty.name(commonName)
        certificate = try CertificateTemplate(
            serial: ThirdParty.serial(), subjectDER: subject, publicKeyDER: key.publicKeyDER,
            notBefore: Date(timeIntervalSinceNow: -300), notAfter: Date(timeIntervalSinceNow: 30 * 86_400),
            extensions: [
                try .init(BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true),
                try .init(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true), critical: true),
            ]
        ).der(issuerDER: other?.subject ?? subject, signedBy: other?.key ?? key)
    }

    /// The CA's certificate in PEM.
    var pem: String { PEM.block("CERTIFICATE", certificate) }

    /// What is particular to a client certificate.
    enum Kind: Sendable {
        case good, expired, forServers, notYetValid
    }

    /// A client that presents a certificate of this CA, and the CA's own below it if that is wanted.
    func client(
        of controller: Controller, commonName: String = "auto-1", _ kind: Kind = .good, withAuthority: Bool = false
    ) throws -> RawClient {
        let clientKey = P256.Signing.PrivateKey()
        let now = Date()
        let leaf = try CertificateTemplate(
            serial: ThirdParty.serial(), subjectDER: ThirdParty.name(commonName),
            publicKeyDER: Array(clientKey.publicKey.derRepresentation),
            notBefore: now.addingTimeInterval(kind == .notYetValid ? 3600 : -7200),
            notAfter: now.addingTimeInterval(kind == .expired ? -3600 : 7200),
            extensions: [
                try .init(BasicConstraints.notCertificateAuthority, critical: true),
                try .init(KeyUsage(digitalSignature: true), critical: true),
                try .init(ExtendedKeyUsage([kind == .forServers ? .serverAuth : .clientAuth]), critical: false),
            ]
        ).der(issuerDER: subject, signedBy: key)
        return try ThirdParty.client(of: controller, [leaf] + (withAuthority ? [certificate] : []), clientKey)
    }

    /// A client whose certificate is signed by its own key.
    static func selfSigned(of controller: Controller) throws -> RawClient {
        let clientKey = P256.Signing.PrivateKey()
        let subject = try name("self")
        let leaf = try CertificateTemplate(
            serial: serial(), subjectDER: subject, publicKeyDER: Array(clientKey.publicKey.derRepresentation),
            notBefore: Date(timeIntervalSinceNow: -300), notAfter: Date(timeIntervalSinceNow: 300),
            extensions: [
                try .init(BasicConstraints.notCertificateAuthority, critical: true),
                try .init(ExtendedKeyUsage([.clientAuth]), critical: false),
            ]
        ).der(issuerDER: subject, signedBy: .p256(clientKey))
        return try client(of: controller, [leaf], clientKey)
    }

    private static func client(of controller: Controller, _ chain: [[UInt8]], _ key: P256.Signing.PrivateKey) throws
        -> RawClient
    {
        RawClient(
            port: controller.port, certificates: try chain.map { try NIOSSLCertificate(bytes: $0, format: .der) },
            key: try NIOSSLPrivateKey(bytes: Array(key.pemRepresentation.utf8), format: .pem))
    }

    private static func name(_ commonName: String) throws -> [UInt8] {
        try DERBytes.of(
            DistinguishedName {
                OrganizationName("Test Org")
                CommonName(commonName)
            })
    }

    private static func serial() -> [UInt8] {
        [UInt8.random(in: 1...0x7F)] + (0..<15).map { _ in UInt8.random(in: .min ... .max) }
    }
}
