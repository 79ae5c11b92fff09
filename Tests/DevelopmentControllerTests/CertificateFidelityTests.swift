import Crypto
import CryptoExtras
import DevelopmentController
import Foundation
import SwiftASN1
import Testing
import X509

/// Certificates and JWTs against those of a real controller.
struct CertificateFidelityTests {
    enum PKI: String, CaseIterable, CustomTestStringConvertible {
        case p256 = ""
        case rsa2048 = "v1.6.20-rsa/"
        case second = "v2.0.3/"

        func configure(_ configuration: inout Controller.Configuration) {
            configuration.serverKey = self == .rsa2048 ? .rsa2048 : .p256
            configuration.version = self == .second ? "v2.0.3" : "v1.6.20"
        }

        var testDescription: String { self == .second ? "v2.0.3" : "v1.6.20 \(self)" }
    }

    @Test(arguments: PKI.allCases)
    func theServerChainIsShapedAsRecorded(_ pki: PKI) async throws {
        let recorded = try #require(Recording.object(pki.rawValue + "tls-server-chain")["chain"] as? [String])
        try await withController(pki.configure) { controller in
            let answer = try await RawClient(port: controller.port).send("GET /version")
            #expect(answer.serverChain.count == 2)
            #expect(answer.serverChain.first == controller.serverCertificateDER)
            let root = try Certificate.pems(controller.certificateAuthoritiesPEM)[1]
            let ours = try answer.serverChain.map { try Certificate(derEncoded: $0) } + [root]
            let theirs = try recorded.map { try Certificate(pemEncoded: $0) }
            #expect(ours.count == theirs.count)
            for (our, their) in zip(ours, theirs) { try compare(our, their) }
            for (certificate, issuer) in zip(ours, ours.dropFirst() + [root]) {
                #expect(issuer.publicKey.isValidSignature(certificate.signature, for: certificate))
            }
        }
    }

    @Test(arguments: PKI.allCases)
    func theIssuedCertificateIsShapedAsRecorded(_ pki: PKI) async throws {
        let recording = try Recording(pki.rawValue + "enroll-ott-success-json")
        try await withController(pki.configure) { controller in
            let enrollment = try controller.makeEnrollment(name: "ott-1")
            let answer = try await RawClient(port: controller.port).send(
                "POST /enroll?token=\(enrollment.token)", [("Content-Type", "text/plain")],
                body: recording.request.body)
            let ours = try Certificate.pems(try #require(answer.data?["cert"] as? String))
            let theirs = try Certificate.pems(recording.issued)
            #expect(ours.count == 2)
            #expect(theirs.count == 2)
            try compare(ours[0], theirs[0], identityID: enrollment.identityID)
            #expect(ours[0].publicKey == theirs[0].publicKey)
            // A year and the minute before, to the second.
            #expect(
                ours[0].notValidAfter.timeIntervalSince(ours[0].notValidBefore)
                    == theirs[0].notValidAfter.timeIntervalSince(theirs[0].notValidBefore))
            #expect(ours[1].publicKey.isValidSignature(ours[0].signature, for: ours[0]))
        }
    }

    @Test func theSubjectIsCopiedAsTheRequestEncodesIt() async throws {
        try await withController { controller in
            let endpoint = try await Endpoint.enrolled(at: controller).endpoint
            let request = try CertificateSigningRequest(pemEncoded: endpoint.request())
            let leaf = try Certificate.pems(endpoint.chainPEM)[0]
            #expect(try DERBytes.of(leaf.subject) == DERBytes.of(request.subject))
        }
    }

    @Test func serialNumbersDiffer() async throws {
        try await withController { controller in
            let one = try await Endpoint.enrolled(at: controller).endpoint
            let other = try await Endpoint.enrolled(at: controller).endpoint
            #expect(
                try Certificate.pems(one.chainPEM)[0].serialNumber != Certificate.pems(other.chainPEM)[0].serialNumber)
        }
    }

    @Test(arguments: PKI.allCases, ["ott", "ottca", "updb", "ca", "erott"])
    func theJWTIsSpelledAsRecorded(_ pki: PKI, _ method: String) async throws {
        let recorded = try Recording.object(pki.rawValue + "jwt-\(method)")
        try await withController(pki.configure) { controller in
            let authority = try controller.addAuthority(name: "thirdparty", pem: ThirdParty().pem)
            let (text, subject): (String, String)
            switch method {
            case "ca": (text, subject) = (try controller.makeAuthorityJWT(authority), authority)
            default:
                let methods: [String: EnrollmentMethod] = [
                    "ottca": .ottca(authority: authority), "updb": .updb(username: "updbuser"), "erott": .erott,
                ]
                let enrollment = try controller.makeEnrollment(name: "one", method: methods[method] ?? .ott)
                (text, subject) = (enrollment.jwt, enrollment.identityID)
            }
            let jwt = try JWT(text)
            #expect(normalized(jwt.header) == normalized(try #require(recorded["header_raw"] as? String)))
            let claims = try #require(recorded["claims"] as? [String: Any])
            // The port of the control plane is not ours to choose, so it stays what one instance had.
            let expected = normalized(
                try #require(recorded["claims_raw"] as? String), identityID: claims["sub"] as? String)
            #expect(normalized(jwt.claims, identityID: subject) == expected)
            #expect(jwt.signature.count == recorded["signature_bytes"] as? Int)
            #expect(try jwt.isSigned(by: controller.serverCertificateDER))
        }
    }

    @Test(arguments: [PKI.p256, .second])
    func theNetworkJWTIsSpelledAsRecordedAndStaysTheSame(_ pki: PKI) async throws {
        let recorded = try JWT(try #require(Recording(pki.rawValue + "network-jwts").token))
        try await withController(pki.configure) { controller in
            let jwt = try JWT(controller.networkJWT)
            #expect(normalized(jwt.header) == normalized(recorded.header))
            #expect(normalized(jwt.claims) == normalized(recorded.claims))
            #expect(try jwt.isSigned(by: controller.serverCertificateDER))
            let answer = try await RawClient(port: controller.port).send("GET /network-jwts")
            #expect(answer.text.contains(try controller.networkJWT))
        }
    }

    @Test(arguments: ServerKeyType.allCases)
    func theServersKeyVerifiesTheJWT(_ type: ServerKeyType) async throws {
        try await withController({ $0.serverKey = type }) { controller in
            let enrollment = try controller.makeEnrollment(name: "ott-1")
            #expect(try JWT(enrollment.jwt).isSigned(by: controller.serverCertificateDER))
            let answer = try await RawClient(port: controller.port).send("GET /version")
            #expect(answer.serverChain.first == controller.serverCertificateDER)
            let forged = try controller.makeJWT(for: enrollment) { $0.isSignedByServer = false }
            #expect(try !JWT(forged).isSigned(by: controller.serverCertificateDER))
        }
    }

    @Test func aLifetimeBelowFiveMinutesBecomesThreeHours() async throws {
        let recorded = try Recording.object("jwt-ott-expired")
        #expect((recorded["note"] as? String)?.contains("3 s lifetime") == true)
        let clock = ManualClock()
        try await withController({ $0.now = { clock.now } }) { controller in
            let short = try controller.makeEnrollment(name: "short", lifetimeSeconds: 299)
            #expect(short.expiresAt == clock.now.addingTimeInterval(10_800))
            let shortest = try controller.makeEnrollment(name: "shortest", lifetimeSeconds: 300)
            #expect(shortest.expiresAt == clock.now.addingTimeInterval(300))
        }
    }

    @Test func aJWTCanBeMadeWrongInOneWay() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "ott-1")
            let jwt = try JWT(
                controller.makeJWT(for: enrollment) {
                    $0.method = "erott"
                    $0.issuer = "https://example.org"
                    $0.keyID = nil
                    $0.expiresAt = nil
                    $0.controllers = nil
                })
            #expect(jwt.header == #"{"alg":"ES256","typ":"JWT"}"#)
            let expected =
                #"{"iss":"https://example.org","sub":"\#(enrollment.identityID)","aud":[""],"#
                + #""jti":"\#(enrollment.token)","em":"erott","ctrls":null}"#
            #expect(jwt.claims == expected)
            #expect(try jwt.isSigned(by: controller.serverCertificateDER))
        }
    }

    /// Subject, issuer and extensions; of key identifiers only that they are there.
    private func compare(_ ours: Certificate, _ theirs: Certificate, identityID: String? = nil) throws {
        #expect(ours.version == theirs.version)
        #expect(ours.subject.description == theirs.subject.description)
        #expect(ours.issuer.description == theirs.issuer.description)
        #expect(ours.signatureAlgorithm == theirs.signatureAlgorithm)
        #expect(ours.extensions.map(\.oid) == theirs.extensions.map(\.oid))
        for (our, their) in zip(ours.extensions, theirs.extensions) {
            #expect(our.critical == their.critical)
            let volatile: [ASN1ObjectIdentifier] = [
                .X509ExtensionID.subjectKeyIdentifier, .X509ExtensionID.authorityKeyIdentifier,
            ]
            if volatile.contains(our.oid) {
                #expect(our.value.count == their.value.count)
            } else if our.oid == .X509ExtensionID.subjectAlternativeName, let identityID {
                let (our, their) = (try SubjectAlternativeNames(our), try SubjectAlternativeNames(their))
                #expect(Array(our) == [.uniformResourceIdentifier("spiffe://quickstart/identity/\(identityID)")])
                #expect(their.count == 1)
                #expect("\(their)".contains("spiffe://quickstart/identity/"))
            } else {
                #expect(our.value == their.value)
            }
        }
    }
}

extension Certificate {
    /// The certificates of a text of PEM blocks.
    static func pems(_ text: String) throws -> [Certificate] {
        try PEMDocument.parseMultiple(pemString: text).map { try Certificate(pemDocument: $0) }
    }
}

extension Recording {
    /// The first JWT in the answer.
    var token: String? {
        response.body.range(of: #"eyJ[A-Za-z0-9_.-]+"#, options: .regularExpression).map { String(response.body[$0]) }
    }

    /// The PEM text of the certificates that were issued.
    var issued: String {
        let body = try? JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any]
        return (body?["data"] as? [String: Any])?["cert"] as? String ?? ""
    }
}
