import Crypto
@testable import DevelopmentController
import Foundation
import NIOSSL
import X509

/// A recorded request made ready to be sent to a controller: tokens replaced, client enrolled or logged in.
struct Prepared {
    var client: RawClient
    var request: [UInt8]
    var identityID: String?

    /// The CA of the recordings, and its id with the controller.
    private struct Trusted {
        let ca: ThirdParty
        let id: String
    }

    init(
        _ recorded: RecordedCase, _ recording: Recording, _ controller: Controller, _ clock: ManualClock
    ) async throws {
        let ca = try ThirdParty()
        let trusted = Trusted(
            ca: ca,
            id: try controller.addAuthority(
                name: "thirdparty", pem: ca.pem, isVerified: recorded.client != .unverifiedThirdParty))
        client = RawClient(port: controller.port)
        var session: String?
        switch recorded.client {
        case .anonymous: break
        case .foreign: client = try Prepared.stranger(controller)
        case .neverEnrolled: client = try Prepared.issuedOnly(controller)
        case .thirdParty, .unverifiedThirdParty: client = try ca.client(of: controller, commonName: "auto-1")
        case .thirdPartyExpired: client = try ca.client(of: controller, .expired)
        case .thirdPartyForServers: client = try ca.client(of: controller, .forServers)
        case .otherThirdParty: client = try ThirdParty().client(of: controller)
        case .selfSigned: client = try ThirdParty.selfSigned(of: controller)
        case .enrolledByCA:
            client = try ca.client(of: controller, commonName: "auto-1")
            _ = try await client.send("POST /enroll?method=ca")
        case .enrolledByOTTCA:
            client = try ca.client(of: controller, commonName: "ottca-1")
            let enrollment = try controller.makeEnrollment(name: "ottca-1", authority: trusted.id)
            identityID = enrollment.identityID
            _ = try await client.send("POST /enroll?method=ottca&token=\(enrollment.token)", Prepared.plain)
        case .enrolled, .session, .sessionWithoutCertificate, .endedSession:
            let (endpoint, enrollment) = try await Endpoint.enrolled(at: controller)
            identityID = enrollment.identityID
            client = try endpoint.client(of: controller)
            if recorded.client != .enrolled {
                let answer = try await client.send(
                    "POST /authenticate?method=cert", [("Content-Type", "application/json")],
                    body: try Recording("authenticate-cert-success").request.body
                )
                session = answer.header("zt-session")
            }
            if recorded.client == .sessionWithoutCertificate { client = RawClient(port: controller.port) }
            if recorded.client == .endedSession {
                _ = try await client.send("DELETE /current-api-session", [("zt-session", session ?? "")])
            }
        }
        var line = recording.request.line!
        var body = recording.request.body
        if let token = try await Prepared.token(recorded, recording, trusted, client, controller, clock) {
            let recordedToken = try Prepared.recordedToken(line, body)
            line = line.replacingOccurrences(of: recordedToken, with: token)
            body = body.replacingOccurrences(of: recordedToken, with: token)
        }
        var text = line + "\r\n"
        for header in recording.request.headers {
            switch header[0].lowercased() {
            case "zt-session" where session != nil: text += "\(header[0]): \(session ?? "")\r\n"
            case "host": text += "\(header[0]): localhost:\(controller.port)\r\n"
            default: text += "\(header[0]): \(header[1])\r\n"
            }
        }
        request = Array((text + "\r\n" + body).utf8)
    }

    private static let plain = [("Content-Type", "text/plain")]
    private static let json = [("Content-Type", "application/json")]

    private static func token(
        _ recorded: RecordedCase, _ recording: Recording, _ trusted: Trusted, _ client: RawClient,
        _ controller: Controller, _ clock: ManualClock
    ) async throws -> String? {
        // The user name in the answer is the one that the administrator chose.
        let username = recording.username ?? "updbuser"
        switch recorded.token {
        case .asRecorded: return nil
        case .fresh: return try controller.makeEnrollment(name: "ott-1", lifetimeSeconds: 3).token
        case .freshOTTCA: return try controller.makeEnrollment(name: "ottca-2", authority: trusted.id).token
        case .freshUpdb: return try controller.makeEnrollment(name: "updb-1", username: username).token
        case .used: return try await Endpoint.enrolled(at: controller).enrollment.token
        case .usedOTTCA:
            let token = try controller.makeEnrollment(name: "ottca-1", authority: trusted.id).token
            _ = try await client.send("POST /enroll?method=ottca&token=\(token)", plain)
            return token
        case .usedUpdb:
            let token = try controller.makeEnrollment(name: "updb-1", username: username).token
            _ = try await client.send("POST /enroll?method=updb&token=\(token)", json, body: recording.request.body)
            return token
        case .expiredOTTCA:
            let token = try controller.makeEnrollment(
                name: "ottca-1", authority: trusted.id, lifetimeSeconds: 300
            ).token
            clock.advance(seconds: 300)
            return token
        }
    }

    private static func recordedToken(_ line: String, _ body: String) throws -> String {
        let pattern = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        for text in [line, body] {
            if let range = text.range(of: pattern, options: .regularExpression) { return String(text[range]) }
        }
        throw CocoaError(.coderValueNotFound)
    }

    private static func stranger(_ controller: Controller) throws -> RawClient {
        let authority = try Authority(keyType: .p256, hostNames: ["localhost"], addresses: [], now: Date())
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("stranger") }
        return try client(controller, authority, key, name)
    }

    private static func issuedOnly(_ controller: Controller) throws -> RawClient {
        let key = P256.Signing.PrivateKey()
        return try client(controller, controller.authority, key, DistinguishedName { CommonName("nobody") })
    }

    private static func client(
        _ controller: Controller, _ authority: Authority, _ key: P256.Signing.PrivateKey,
        _ name: DistinguishedName
    ) throws -> RawClient {
        let leaf = try authority.issueClient(
            subjectDER: DERBytes.of(name), publicKeyDER: Array(key.publicKey.derRepresentation), now: Date())
        return RawClient(
            port: controller.port,
            certificates: try [leaf, authority.intermediate].map { try NIOSSLCertificate(bytes: $0, format: .der) },
            key: try NIOSSLPrivateKey(bytes: Array(key.pemRepresentation.utf8), format: .pem))
    }
}
