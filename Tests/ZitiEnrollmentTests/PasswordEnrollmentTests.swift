import DevelopmentController
import Foundation
import KeyStoreCore
import Synchronization
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// `updb`: a user name and a password.
struct PasswordEnrollmentTests {
    private static let password = "Throw-away-1"

    private func start(_ version: String = "v1.6.20") async throws -> (Rig, jwt: String, identityID: String) {
        var configuration = Controller.Configuration()
        configuration.version = version
        let rig = try await Rig.start(key: nil, configuration)
        let enrollment = try rig.controller.makeEnrollment(name: "person", username: "ziggy")
        return (rig, enrollment.jwt, enrollment.identityID)
    }

    private func options(_ rig: Rig, username: String? = "ziggy", _ password: String = password) -> EnrollmentOptions {
        var options = rig.options
        options.password = EnrollmentPassword(username: username) { () throws(KeyStoreError) in try PIN(password) }
        return options
    }

    private func logsIn(_ rig: Rig, _ password: String = password) async throws -> Bool {
        let identity = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: rig.output))) as? [String: Any])
        let id = try #require(identity["id"] as? [String: String])
        let certificates = try #require(PEMText.strip(id["ca"] ?? "").flatMap(CertificateList.parse(pem:)))
        let trust = try ControllerTrust(authorities: [], additional: certificates)
        let body = try JSONSerialization.data(withJSONObject: ["username": "ziggy", "password": password])
        return try await LoginCheck(
            controller: #require(ControllerAddress(rig.controller.url)),
            tls: .makeKeyStoreClient(trustRoots: trust.authorities), proxy: ProxySettings(), seconds: 300,
            identityID: nil,
            method: "password", body: Array(body)
        ).succeeds()
    }

    @Test func aPasswordThatTheLoginRepeatsIsNotRepeated() async throws {
        let (rig, jwt, _) = try await start()
        let body = "{\"error\":{\"code\":\"UNHANDLED\",\"message\":\"{\\\"password\\\":\\\"\(Self.password)\\\"}\"}}"
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .closeAfterProcessing))
        _ = try? await rig.enroll(jwt: jwt, options: options(rig), withoutKey: true)
        rig.controller.script(Fault(pathSuffix: "/authenticate", effect: .answer(status: 500, headers: [], body: body)))
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options(rig), withoutKey: true)
        }
        #expect(error.refusal?.code == "UNHANDLED")
        #expect(!"\(error) \(error.hint) \(String(reflecting: error.refusal))".contains(Self.password))
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["v1.6.20", "v2.0.3", "v2.1.0"])
    func thePasswordIsSetAndTheFileHoldsEverythingElse(_ version: String) async throws {
        let (rig, jwt, identityID) = try await start(version)
        let result = try await rig.enroll(jwt: jwt, options: options(rig), withoutKey: true)
        #expect(result.identityID == identityID)
        #expect(result.username == "ziggy")
        #expect(result.key == nil && result.certificateExpiry == nil)
        let data = try Data(contentsOf: URL(filePath: rig.output))
        #expect(!String(decoding: data, as: UTF8.self).contains(Self.password))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(json["ztAPI"] as? String == "\(rig.controller.url)/edge/client/v1")
        #expect((json["ztAPIs"] as? [String])?.count == (version == "v2.1.0" ? 1 : nil))
        #expect(try Set(#require(json["id"] as? [String: String]).keys) == ["ca"])
        let extras = try #require(json["zitiKeystore"] as? [String: String])
        #expect(extras == ["method": "updb", "identity": identityID, "username": "ziggy"])
        let mode = try FileManager.default.attributesOfItem(atPath: rig.output)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try await logsIn(rig))
        try await rig.controller.shutdown()
    }

    @Test func theAdministratorsUserNameCounts() async throws {
        let (rig, jwt, _) = try await start()
        let result = try await rig.enroll(jwt: jwt, options: options(rig, username: "other"), withoutKey: true)
        #expect(result.username == "ziggy")
        #expect(rig.messages.warnings.contains { $0.contains("'ziggy'") })
        try await rig.controller.shutdown()
    }

    @Test func aShortPasswordIsRefusedWithoutBeingRepeatedAndTheTokenStaysGood() async throws {
        let (rig, jwt, _) = try await start()
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options(rig, "xQz"), withoutKey: true)
        }
        #expect(error.refusal?.code == "COULD_NOT_VALIDATE")
        #expect(!"\(error) \(error.hint)".contains("xQz"))
        #expect(try rig.folder.names().isEmpty)
        try await rig.enroll(jwt: jwt, options: options(rig), withoutKey: true)
        try await rig.controller.shutdown()
    }

    @Test func anEmptyPasswordIsSentNowhere() async throws {
        let (rig, jwt, _) = try await start()
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options(rig, ""), withoutKey: true)
        }
        #expect(error.code == .inputInvalid)
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }

    @Test func aPasswordIsAskedForAfterEverythingThatCanFailWithoutIt() async throws {
        let (rig, jwt, _) = try await start()
        let asked = Mutex(0)
        var options = rig.options
        options.password = EnrollmentPassword { () throws(KeyStoreError) in
            asked.withLock { $0 += 1 }
            throw KeyStoreError(.cancelled, "no secret was entered")
        }
        rig.controller.script(Fault(pathSuffix: "cacerts", effect: .closeBeforeProcessing))
        _ = try? await rig.enroll(jwt: jwt, options: options, withoutKey: true)
        #expect(asked.withLock { $0 } == 0)
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options, withoutKey: true)
        }
        #expect(error.code == .cancelled)
        #expect(asked.withLock { $0 } == 1)
        #expect(try rig.folder.names().isEmpty)
        try await rig.controller.shutdown()
    }

    static let reached: [EnrollmentMilestone] = [
        .jwtVerified, .authoritiesVerified, .outputReserved, .postRecorded, .answerReceived, .certificateRecorded,
        .identityWritten,
    ]

    @Test(arguments: reached)
    func theSameCallGoesOnAfterAKill(_ milestone: EnrollmentMilestone) async throws {
        let (rig, jwt, _) = try await start()
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options(rig), withoutKey: true, stop: milestone)
        }
        #expect(error.underlying is EnrollmentMilestone.Interruption)
        if let journal = try? String(contentsOfFile: rig.journal, encoding: .utf8) {
            #expect(!journal.contains(Self.password))
        }
        let result = try await rig.enroll(jwt: jwt, options: options(rig), withoutKey: true)
        #expect(result.username == "ziggy")
        #expect(rig.posts == (milestone == .answerReceived ? 2 : 1))
        #expect(try rig.folder.names() == ["identity.json"])
        #expect(try await logsIn(rig))
        try await rig.controller.shutdown()
    }

    @Test func aLostAnswerWithoutAUserNameToLogInWithIsSaidToHaveSpentTheToken() async throws {
        let (rig, jwt, _) = try await start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .closeAfterProcessing))
        let options = options(rig, username: nil)
        let lost = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options, withoutKey: true)
        }
        #expect(lost.code == .answerLost)
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options, withoutKey: true)
        }
        #expect(error.code == .tokenSpent)
        #expect(error.hint.contains("log in"))
        try await rig.controller.shutdown()
    }

    @Test func anotherPasswordAfterALostAnswerIsNotTakenForTheOneThatWasSet() async throws {
        let (rig, jwt, _) = try await start()
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .closeAfterProcessing))
        _ = try? await rig.enroll(jwt: jwt, options: options(rig), withoutKey: true)
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options(rig, "Another-2"), withoutKey: true)
        }
        #expect(error.code == .tokenSpent)
        #expect(try rig.folder.names() == ["identity.json.enrolling"])
        // The right one ends it.
        try await rig.enroll(jwt: jwt, options: options(rig), withoutKey: true)
        #expect(try rig.folder.names() == ["identity.json"])
        try await rig.controller.shutdown()
    }
}
