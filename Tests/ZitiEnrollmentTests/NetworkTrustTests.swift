import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// A network's JWT, or a controller's address alone: nobody is enrolled, and the file says whom to trust.
struct NetworkTrustTests {
    private func network(_ rig: Rig, _ authorities: String?) async throws -> EnrollmentJWT {
        try await EnrollmentJWT.network(
            at: #require(ControllerAddress(rig.controller.url)), authorities: authorities, proxy: ProxySettings(),
            timeoutSeconds: 300, patience: Patience(wait: { _ in }))
    }

    @Test(arguments: ["v1.6.20", "v2.0.3"])
    func theJWTOfANetworkGivesItsAuthorities(_ version: String) async throws {
        var configuration = Controller.Configuration()
        configuration.version = version
        let rig = try await Rig.start(key: nil, configuration)
        let result = try await rig.enroll(jwt: rig.controller.networkJWT, withoutKey: true)
        #expect(result.method == .network && result.identityID.isEmpty)
        #expect(rig.posts == 0)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: rig.output))) as? [String: Any])
        #expect(json["ztAPI"] as? String == "\(rig.controller.url)/edge/client/v1")
        let id = try #require(json["id"] as? [String: String])
        #expect(id.keys.map { $0 } == ["ca"])
        #expect(PEMText.strip(id["ca"] ?? "").flatMap(CertificateList.parse(pem:))?.count == 2)
        try await rig.controller.shutdown()
    }

    @Test func theFileIsNoIdentityThatLogsInAndSaysWhy() async throws {
        let rig = try await Rig.start(key: nil)
        try await rig.enroll(jwt: rig.controller.networkJWT, withoutKey: true)
        let error = try #require(throws: EnrollmentError.self) { try rig.identity() }
        #expect(error.code == .identityInvalid)
        #expect(error.message.contains("'network'"))
        try await rig.controller.shutdown()
    }

    @Test(arguments: [
        EnrollmentMilestone.jwtVerified, .authoritiesVerified, .outputReserved, .certificateRecorded, .identityWritten,
    ])
    func theSameCallGoesOnAfterAKill(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await Rig.start(key: nil)
        _ = try? await rig.enroll(jwt: rig.controller.networkJWT, withoutKey: true, stop: milestone)
        try await rig.enroll(jwt: rig.controller.networkJWT, withoutKey: true)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }

    @Test func anAddressAndAnAuthorityGiveTheJWT() async throws {
        let rig = try await Rig.start(key: nil)
        rig.controller.script(Fault(pathSuffix: "network-jwts", effect: .answer(status: 503, headers: [], body: "")))
        let jwt = try await network(rig, rig.controller.certificateAuthoritiesPEM)
        #expect(jwt.method == .network)
        #expect(jwt.controller.text == rig.controller.url)
        try await rig.controller.shutdown()
    }

    @Test func aControllerThatTheSystemDoesNotTrustIsRefusedWithAWayOut() async throws {
        let rig = try await Rig.start(key: nil)
        let error = try await #require(throws: EnrollmentError.self) { try await network(rig, nil) }
        #expect(error.code == .certificateNotTrusted)
        #expect(error.hint.contains("--ca"))
        #expect(rig.controller.requests.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func anotherAuthorityThanTheControllersIsRefused() async throws {
        let rig = try await Rig.start(key: nil)
        let error = try await #require(throws: EnrollmentError.self) {
            try await network(rig, TestAuthority().pem)
        }
        #expect(error.code == .certificateNotTrusted)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["{\"data\":[]}", "{\"data\":[{\"name\":\"default\",\"token\":\"x\"}]}", "{}", ""])
    func anAnswerWithoutAJWTIsRefused(_ body: String) async throws {
        let rig = try await Rig.start(key: nil)
        rig.controller.script(Fault(pathSuffix: "network-jwts", effect: .answer(status: 200, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) {
            try await network(rig, rig.controller.certificateAuthoritiesPEM)
        }
        #expect([.answerInvalid, .jwtMalformed].contains(error.code))
        try await rig.controller.shutdown()
    }

    @Test func aJWTOfSomebodyElsesIdentityIsNotTakenForTheNetworks() async throws {
        let rig = try await Rig.start(key: nil)
        let body = "{\"data\":[{\"name\":\"default\",\"token\":\"\(rig.enrollment.jwt)\"}]}"
        rig.controller.script(Fault(pathSuffix: "network-jwts", effect: .answer(status: 200, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) {
            try await network(rig, rig.controller.certificateAuthoritiesPEM)
        }
        #expect(error.code == .answerInvalid)
        #expect(!"\(error)".contains(rig.enrollment.jwt))
        try await rig.controller.shutdown()
    }

    @Test func theAddressOfAnIPv6HostIsReached() async throws {
        var configuration = Controller.Configuration()
        configuration.address = "::1"
        configuration.host = "[::1]"
        let rig = try await Rig.start(configuration)
        try await rig.enroll()
        #expect(try rig.identity().controller.host == "::1")
        let authentication = try await Authenticator(identity: rig.identity(), timeoutSeconds: 300)
            .authenticate(with: KeySource(store: rig.store, pin: .none))
        #expect(authentication.identityID == rig.enrollment.identityID)
        try await rig.controller.shutdown()
    }
}
