@testable import DevelopmentController
import Foundation
import NIOSSL
import Testing

/// Every answer of the controller against the recording of a real one.
struct FidelityTests {
    @Test(arguments: RecordedCase.all)
    func answersAsTheRealControllerDid(_ recorded: RecordedCase) async throws {
        let recording = try Recording(recorded.file)
        let clock = ManualClock()
        var configuration = Controller.Configuration()
        configuration.now = { clock.now }
        configuration.version = recorded.version
        configuration.serverKey = recorded.isRSA ? .rsa2048 : .p256
        let controller = try await Controller.start(configuration)
        do {
            let prepared = try await Prepared(recorded, recording, controller, clock)
            let answer = try await prepared.client.send(bytes: prepared.request)
            compare(answer, recording, recorded, identityID: prepared.identityID)
            if recorded.name.hasPrefix("cacerts") {
                try compareBundle(
                    String(decoding: OpenIDClient.unchunked(answer), as: UTF8.self), recording.response.body)
            }
        } catch {
            Issue.record(error)
        }
        try await controller.shutdown()
    }

    @Test func everyRefusalIsRecordedOrListedAsUnjudged() {
        let recorded = Set(RecordedCase.all.compactMap(\.refusal) + SessionCase.all.compactMap(\.refusal))
        #expect(recorded.union(RecordedCase.unjudgedRefusals) == Set(Refusal.Kind.allCases))
        #expect(recorded.isDisjoint(with: RecordedCase.unjudgedRefusals))
    }

    @Test func everyRouteIsRecordedOrListedAsUnjudged() {
        let recorded = Set(RecordedCase.all.compactMap(\.route) + SessionCase.all.map(\.route))
        #expect(recorded.union(RecordedCase.unjudgedRoutes) == Set(Route.allCases))
        #expect(recorded.isDisjoint(with: RecordedCase.unjudgedRoutes))
    }

    @Test(arguments: RecordedCase.all)
    func theTableSaysWhatTheRecordingHolds(_ recorded: RecordedCase) throws {
        let recording = try Recording(recorded.file)
        if let refusal = recorded.refusal {
            #expect(recording.status == refusal.status)
            #expect(recording.errorCode == refusal.code)
        } else {
            #expect(recording.errorCode == nil)
        }
        let path = recording.request.line!.split(separator: " ")[1].prefix { $0 != "?" }
        #expect(Route(path: Route.rewritten(String(path))) == recorded.route)
    }

    @Test(arguments: ["", "v1.6.20-rsa/", "v2.0.3/"])
    func everyRecordingOfARequestIsReplayed(_ version: String) throws {
        let folder = Package.root.appending(path: "Tests/DevelopmentController/Recordings/\(version)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let names = Set(files.filter { $0.hasSuffix(".json") }.map { version + $0.dropLast(5) })
        let others = names.filter { name in
            ["jwt-", "tls-server-chain", "openid-configuration"].contains {
                name.dropFirst(version.count).hasPrefix($0)
            }
                && !name.hasSuffix("openid-configuration-root")
        }
        let replayed = RecordedCase.all.map(\.file) + SessionCase.all.map(\.file)
        #expect(
            names.subtracting(others)
                == Set(replayed.filter { version.isEmpty ? !$0.contains("/") : $0.hasPrefix(version) }))
    }

    /// Status line and header names, order and values; the body letter by letter, save what differs from run to run.
    private func compare(
        _ answer: RawClient.Answer, _ recording: Recording, _ recorded: RecordedCase, identityID: String?
    ) {
        #expect(answer.statusLine == recording.response.statusLine)
        #expect(
            comparable(answer.headers) == comparable(recording.response.headers.map { (name: $0[0], value: $0[1]) }))
        if answer.header("Transfer-Encoding") == nil {
            #expect(answer.header("Content-Length") == String(answer.body.count))
        }
        guard !recorded.name.hasPrefix("cacerts") else { return }
        var expected = recording.response.body
        if recorded.route == .version {
            // A controller that offers the client API only does not list the others, nor OIDC among its capabilities.
            for inactive in Self.inactiveBindings { expected = expected.replacingOccurrences(of: inactive, with: "") }
        }
        #expect(
            normalized(answer.text, identityID: identityID ?? answer.data?["identityId"] as? String)
                == normalized(expected, identityID: recording.identityID))
    }

    private func comparable(_ headers: [(name: String, value: String)]) -> [String] {
        headers.map { name, value in
            switch name {
            case "Content-Length": "\(name):"
            // NIO writes this name in lower case.
            case "transfer-encoding": "Transfer-Encoding: \(value)"
            default: "\(name): \(normalized(value))"
            }
        }
    }

    private static let inactiveBindings = [
        #","edge-management":{"v1":{"apiBaseUrls":["https://localhost:1280/edge/management/v1"],"#
            + #""path":"/edge/management/v1"}}"#,
        #","edge-oidc":{"v1":{"apiBaseUrls":["https://localhost:1280"],"path":"/oidc"}}"#,
        #","health-checks":{"v1":{"apiBaseUrls":[],"path":"/health-checks/v1"}}"#,
        #","edge-oidc":{"v1":{"apiBaseUrls":["https://localhost:1281/oidc"],"path":"/oidc"}}"#,
        #","edge-management":{"v1":{"apiBaseUrls":["https://localhost:1281/edge/management/v1"],"#
            + #""path":"/edge/management/v1"}}"#,
        #","fabric":{"v1":{"apiBaseUrls":["https://localhost:1281"],"path":"/fabric/v1"}}"#,
        #""OIDC_AUTH","OIDC_AUTH_WITH_CSR","HA_CONTROLLER""#, #""OIDC_AUTH""#,
    ]

    private func compareBundle(_ ours: String, _ recorded: String) throws {
        #expect(ours.split(separator: "\n").dropLast().allSatisfy { $0.utf8.count == 64 })
        #expect(!ours.hasSuffix("\n"))
        #expect(try BundleShape(base64: ours) == BundleShape(base64: recorded))
    }
}
