import Crypto
import CryptoExtras
import DevelopmentController
import Foundation
import NIOSSL
import SwiftASN1
import X509

/// A client with a software key: makes a request for a certificate, enrolls, and presents what it got.
struct Endpoint {
    enum KeyType: String, CaseIterable {
        case p256, p384, p521, rsa2048, ed25519
    }

    let key: Certificate.PrivateKey
    private(set) var chainPEM = ""

    init(_ type: KeyType = .p256) throws {
        key =
            switch type {
            case .p256: Certificate.PrivateKey(P256.Signing.PrivateKey())
            case .p384: Certificate.PrivateKey(P384.Signing.PrivateKey())
            case .p521: Certificate.PrivateKey(P521.Signing.PrivateKey())
            case .rsa2048: Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048))
            case .ed25519: Certificate.PrivateKey(Curve25519.Signing.PrivateKey())
            }
    }

    /// The private key in PEM, unencrypted.
    var keyPEM: String {
        get throws { try key.serializeAsPEM().pemString }
    }

    /// The public key as SubjectPublicKeyInfo DER.
    var publicKeyDER: [UInt8] {
        get throws { try DERBytes.of(key.publicKey) }
    }

    /// A request for a certificate in PEM.
    func request(commonName: String = "ott-1") throws -> String {
        let subject = try DistinguishedName {
            OrganizationName("Test Org")
            CommonName(commonName)
        }
        return try CertificateSigningRequest(
            version: .v1, subject: subject, privateKey: key, attributes: .init()
        ).serializeAsPEM().pemString + "\n"
    }

    /// Enrolls with the token of an enrollment.
    mutating func enroll(_ enrollment: Enrollment, at client: RawClient) async throws {
        let answer = try await client.send(
            "POST /edge/client/v1/enroll?method=ott&token=\(enrollment.token)",
            [("Content-Type", "application/x-pem-file")], body: try request())
        chainPEM = answer.data?["cert"] as? String ?? ""
    }

    /// Takes the certificates that were issued for its request.
    mutating func accept(_ chainPEM: String) {
        self.chainPEM = chainPEM
    }

    /// An endpoint that enrolled as a new identity.
    static func enrolled(at controller: Controller, _ type: KeyType = .p256, name: String = "ott-1")
        async throws -> (endpoint: Endpoint, enrollment: Enrollment)
    {
        var endpoint = try Endpoint(type)
        let enrollment = try controller.makeEnrollment(name: name)
        try await endpoint.enroll(enrollment, at: RawClient(port: controller.port))
        return (endpoint, enrollment)
    }

    /// The certificates it got, leaf first.
    var chain: [NIOSSLCertificate] {
        get throws { try NIOSSLCertificate.fromPEMBytes(Array(chainPEM.utf8)) }
    }

    /// A client that presents the first so many of the certificates.
    func client(of controller: Controller, certificates count: Int = 2, tls: TLSVersion? = nil) throws
        -> RawClient
    {
        RawClient(
            port: controller.port, certificates: Array(try chain.prefix(count)),
            key: try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem), tls: tls)
    }
}
