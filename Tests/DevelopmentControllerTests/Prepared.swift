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

    init(
        _ recorded: RecordedCase, _ recording: Recording, _ controller: Controller, _ clock: ManualClock
    ) async throws {
        client = RawClient(port: controller.port)
        var session: String?
        switch recorded.client {
        case .anonymous: break
        case .foreign: client = try Prepared.selfSigned(controller)
        case .neverEnrolled: client = try Prepared.issuedOnly(controller)
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
        if let token = try await Prepared.token(recorded.token, controller, clock) {
            let recordedToken = try Prepared.recordedToken(line, body)
            line = line.replacingOccurrences(of: recordedToken, with: token)
            body = body.replacingOccurrences(of: recordedToken, with: token)
            // An expired token is recorded for another method only.
            line = line.replacingOccurrences(
                of: "method=ottca", with: recorded.token == .expired ? "method=ott" : "method=ottca")
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

    private static func token(
        _ token: RecordedCase.Token, _ controller: Controller, _ clock: ManualClock
    ) async throws -> String? {
        switch token {
        case .asRecorded: return nil
        case .fresh: return try controller.makeEnrollment(name: "ott-1", lifetimeSeconds: 3).token
        case .used: return try await Endpoint.enrolled(at: controller).enrollment.token
        case .expired:
            let token = try controller.makeEnrollment(name: "ott-1", lifetimeSeconds: 300).token
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

    private static func selfSigned(_ controller: Controller) throws -> RawClient {
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
