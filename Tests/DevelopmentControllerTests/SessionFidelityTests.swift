@testable import DevelopmentController
import Foundation
import Testing

/// Every answer after enrollment against the recordings of real controllers, of both versions.
struct SessionFidelityTests {
    @Test(arguments: SessionCase.all)
    func answersAsTheRealControllerDid(_ recorded: SessionCase) async throws {
        let recording = try Recording(recorded.file)
        try await withController({ $0.version = recorded.version }) { controller in
            let (client, request) = try await prepared(recorded, recording, controller)
            let answer = try await client.send(bytes: request)
            #expect(answer.statusLine == recording.response.statusLine)
            #expect(comparable(answer.headers) == comparable(recording.response.headers.map { ($0[0], $0[1]) }))
            #expect(answer.header("Content-Length") == String(answer.body.count))
            #expect(comparable(answer.text) == comparable(recording.response.body))
        }
    }

    @Test(arguments: SessionCase.all)
    func theTableSaysWhatTheRecordingHolds(_ recorded: SessionCase) throws {
        let recording = try Recording(recorded.file)
        #expect(recording.errorCode == recorded.refusal?.code)
        if let refusal = recorded.refusal { #expect(recording.status == refusal.status) }
        let path = recording.request.line!.split(separator: " ")[1].prefix { $0 != "?" }
            .replacingOccurrences(of: "/edge/management/", with: "/edge/client/")
        #expect(Route(path: Route.rewritten(path)) == recorded.route)
    }

    // MARK: Comparison

    private func comparable(_ headers: [(name: String, value: String)]) -> [String] {
        headers.map { "\($0.name): \($0.name == "Content-Length" ? "" : normalized($0.value))" }
    }

    private func comparable(_ body: String) -> String {
        var text = normalized(body)
        for pattern in [
            #""(id|identityId)":"[0-9A-Za-z.-]{9,11}""#, #"/(identities|authenticators)/[0-9A-Za-z.-]{9,11}"#,
            #""fingerprint":"[0-9a-f]{40}""#,
        ] {
            text = text.replacingOccurrences(
                of: pattern, with: pattern.contains("identities") ? "/$1/<id>" : "<id>", options: .regularExpression)
        }
        // The real controller writes them in another order each time.
        guard let range = text.range(of: #"(?<="filterableFields":\[)[^\]]+"#, options: .regularExpression) else {
            return text
        }
        return text.replacingCharacters(in: range, with: text[range].split(separator: ",").sorted().joined())
    }

    // MARK: Preparation

    private func prepared(_ recorded: SessionCase, _ recording: Recording, _ controller: Controller) async throws
        -> (RawClient, [UInt8])
    {
        var extending = try await ExtendingClient(controller)
        var session = extending.session
        var authenticatorID = extending.authenticatorID
        switch recorded.stage {
        case .authenticated: break
        case .extensionRequested, .extended, .verified:
            try controller.requestExtension(identityID: extending.identityID, rollsKey: true)
            if recorded.stage != .extensionRequested { try await extending.extend() }
            if recorded.stage == .verified { try await extending.verify() }
        case .thirdParty:
            session = Identifier.token()
            authenticatorID = try addThirdParty(recorded, controller, session)
        case .password: try addPassword(recorded, controller)
        }
        let client =
            switch recorded.presented {
            case .old: try extending.endpoint.client(of: controller)
            case .new: try #require(extending.renewed).client(of: controller)
            case .nothing: RawClient(port: controller.port)
            }
        let body: String =
            switch recorded.body {
            case .asRecorded: recording.request.body
            case .oldCertificate: try ExtendingClient.body("clientCert", extending.endpoint.chainPEM)
            case .newCertificate: try ExtendingClient.body("clientCert", try #require(extending.renewed).chainPEM)
            }
        var text = recording.request.line!
            .replacingOccurrences(of: "/edge/management/", with: "/edge/client/")
            .replacingOccurrences(
                of: #"(?<=/authenticators/)[0-9A-Za-z.-]{9,11}"#, with: authenticatorID, options: .regularExpression)
        for header in recording.request.headers {
            switch header[0].lowercased() {
            case "zt-session": text += "\r\n\(header[0]): \(session)"
            case "host": text += "\r\n\(header[0]): localhost:\(controller.port)"
            case "content-length": text += "\r\n\(header[0]): \(body.utf8.count)"
            default: text += "\r\n\(header[0]): \(header[1])"
            }
        }
        return (client, Array("\(text)\r\n\r\n\(body)".utf8))
    }

    /// An identity named `ottca-1` with the recorded certificate, and an API session.
    private func addThirdParty(_ recorded: SessionCase, _ controller: Controller, _ token: String) throws -> String {
        let listed = try Recording(recorded.with(name: "current-identity-authenticators-ottca").file)
        let data = try #require(
            try JSONSerialization.jsonObject(with: Data(listed.response.body.utf8)) as? [String: Any])
        let pem = try #require((data["data"] as? [[String: Any]])?.first?["certPem"] as? String)
        let now = Date()
        let enrollment = try controller.makeEnrollment(name: "ottca-1")
        let record = try #require(try controller.state.enrollment(token: enrollment.token))
        let authenticator = Authenticator(
            id: Identifier.entity(), identityID: enrollment.identityID,
            fingerprint: Identifier.fingerprint(ofCertificate: try #require(PEM.decode(pem)).der), certificatePEM: pem,
            createdAt: now, tokenDigest: record.tokenDigest, isIssuedByNetwork: false)
        #expect(try controller.state.spend(record, for: authenticator))
        try controller.state.add(
            APISession(
                id: Identifier.collisionResistant(now), identityID: enrollment.identityID, identityName: "ottca-1",
                authenticatorID: authenticator.id, certificateFingerprint: authenticator.fingerprint,
                improperClientCertChain: false, isOIDC: false, ipAddress: "127.0.0.1", createdAt: now,
                lastActivityAt: now, tokenDigest: Identifier.digest(ofToken: token)),
            environment: nil, sdk: nil, now: now)
        return authenticator.id
    }

    /// An identity named `updb-1` with the recorded user name and password.
    private func addPassword(_ recorded: SessionCase, _ controller: Controller) throws {
        let enrollment = try controller.makeEnrollment(name: "updb-1")
        let record = try #require(try controller.state.enrollment(token: enrollment.token))
        let authenticator = try PasswordAuthenticator(
            identityID: enrollment.identityID, username: recorded.refusal == nil ? "updbuser" : "admin",
            password: "Throw-away-1", now: Date(), tokenDigest: record.tokenDigest)
        #expect(try controller.state.spend(record, for: authenticator))
    }
}
