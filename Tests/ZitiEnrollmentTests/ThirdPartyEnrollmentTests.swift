import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// `ottca` and `ca`: a key that has a certificate of somebody else already.
struct ThirdPartyEnrollmentTests {
    static let versions = ["v1.6.20", "v2.0.3", "v2.1.0"]

    /// A rig, the JWT of a method, and the certificate of its key, which stands beside the key where that is wanted.
    private func start(
        _ method: String, version: String = "v1.6.20", key type: KeyType = .ecP256, isBesideKey: Bool = false
    ) async throws -> (Rig, jwt: String, pem: String, TestAuthority) {
        var configuration = Controller.Configuration()
        configuration.version = version
        let rig = try await Rig.start(key: type, configuration)
        let authority = try TestAuthority()
        let id = try rig.controller.addAuthority(name: "partner", pem: authority.pem)
        let jwt =
            try method == "ca"
            ? rig.controller.makeAuthorityJWT(id) : rig.controller.makeEnrollment(name: "laptop2", authority: id).jwt
        let session = try await rig.store.openSession(SessionOptions(isWritable: true), pin: .none)
        let leaf = try await authority.issueClient(session.publicKey(at: rig.store.uri))
        if isBesideKey { try await session.certificates?.store([leaf], at: rig.store.uri) }
        return (rig, jwt, CertificateList.pem([leaf]), authority)
    }

    private func logsIn(_ rig: Rig) async throws -> Bool {
        try await Authenticator(identity: rig.identity(), timeoutSeconds: 300)
            .authenticate(with: KeySource(store: rig.store, pin: .none)).isLoggedOut
    }

    @Test(arguments: ["ottca", "ca"], versions)
    func aCertificateBesideTheKeyEnrolls(_ method: String, _ version: String) async throws {
        let (rig, jwt, pem, _) = try await start(method, version: version, isBesideKey: true)
        let result = try await rig.enroll(jwt: jwt)
        #expect(result.method.rawValue == method)
        #expect(result.identityID.isEmpty == (method == "ca"))
        #expect(result.isCertificateStored)
        #expect(CertificateList.pem(try rig.identity().certificates) == pem)
        #expect(try rig.identity().controllerAPIs.isEmpty == (method == "ca" || version != "v2.1.0"))
        #expect(rig.posts == 1)
        let seen = try #require(rig.controller.requests.last { $0.path.hasSuffix("/enroll") })
        #expect(seen.presentedCertificates == 1)
        #expect(try await logsIn(rig))
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["ottca", "ca"], [KeyType.ecP256, .ecP384, .rsa(bits: 2048), .ed25519])
    func aCertificateInAFileEnrollsAndStaysThere(_ method: String, _ type: KeyType) async throws {
        let (rig, jwt, pem, authority) = try await start(method, key: type)
        var options = rig.options
        options.certificate = pem + (try authority.pem)
        if method == "ca" { options.requestedName = "wanted" }
        let result = try await rig.enroll(jwt: jwt, options: options)
        #expect(!result.isCertificateStored)
        #expect(rig.store.certificates.isEmpty)
        #expect(try rig.identity().certificates.count == 2)
        #expect(try await logsIn(rig))
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["ottca", "ca"])
    func aCertificateOfAnotherKeyIsRefusedBeforeAnythingIsSent(_ method: String) async throws {
        let (rig, jwt, _, authority) = try await start(method)
        let other = try await ScriptedStore(Rig.freshURI()).makeKey(.ecP256).publicKey()
        var options = rig.options
        options.certificate = CertificateList.pem([try authority.issueClient(other)])
        let error = try await rig.expectUntouched(.inputInvalid, at: .makeRequest, jwt: jwt, options: options)
        #expect(error.message.contains("another key"))
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["expired", "early", "server", "garbage", "none"])
    func aCertificateThatCannotServeIsRefusedBeforeAnythingIsSent(_ flaw: String) async throws {
        let (rig, jwt, _, authority) = try await start("ottca")
        let key = try await rig.store.openSession(pin: .none).publicKey(at: rig.store.uri)
        var options = rig.options
        switch flaw {
        case "expired": options.certificate = CertificateList.pem([try authority.issueClient(key, until: .now - 5)])
        case "early": options.certificate = CertificateList.pem([try authority.issueClient(key, from: .now + 600)])
        case "server": options.certificate = CertificateList.pem([try authority.issueClient(key, usage: .serverAuth)])
        case "garbage": options.certificate = "no certificate"
        default: break
        }
        let error = try await rig.expectUntouched(.inputInvalid, at: .makeRequest, jwt: jwt, options: options)
        #expect(!error.hint.isEmpty)
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["ottca", "ca"])
    func aCertificateOfAnAuthorityThatTheNetworkDoesNotKnowIsRefusedByTheController(_ method: String) async throws {
        let (rig, jwt, _, _) = try await start(method)
        let key = try await rig.store.openSession(pin: .none).publicKey(at: rig.store.uri)
        var options = rig.options
        options.certificate = CertificateList.pem([try TestAuthority().issueClient(key)])
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options)
        }
        #expect(error.code == .refusedByController)
        #expect(error.hint.contains("--cert"))
        #expect(try rig.folder.names().isEmpty)
        try await rig.controller.shutdown()
    }

    @Test func aCertificateInUseIsRefusedTheFirstTime() async throws {
        let (rig, jwt, pem, _) = try await start("ca")
        var options = rig.options
        options.certificate = pem
        try await rig.enroll(jwt: jwt, options: options)
        options.outputPath = rig.folder.path + "/second.json"
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options)
        }
        #expect(error.refusal?.code == "CERT_IN_USE")
        #expect(error.hint.contains("belongs to an identity"))
        try await rig.controller.shutdown()
    }

    // MARK: Interrupted

    @Test(arguments: ["ottca", "ca"], EnrollmentMilestone.allCases.filter { $0 != .journalRemoved })
    func theSameCallGoesOnAfterAKill(_ method: String, _ milestone: EnrollmentMilestone) async throws {
        let (rig, jwt, _, _) = try await start(method, isBesideKey: true)
        let error = try? await rig.enroll(jwt: jwt, stop: milestone)
        // Nothing is made, so two milestones are never reached.
        if error == nil { try await rig.enroll(jwt: jwt) }
        #expect(try rig.folder.names() == ["identity.json"])
        // What was answered and not put down is asked for once more, and found out by logging in.
        #expect(rig.posts == (milestone == .answerReceived ? 2 : 1))
        #expect(try await logsIn(rig))
        try await rig.controller.shutdown()
    }

    @Test(arguments: ["ottca", "ca"])
    func anEnrollmentWhoseAnswerGotLostIsFoundOutByLoggingIn(_ method: String) async throws {
        let (rig, jwt, _, _) = try await start(method, isBesideKey: true)
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .closeAfterProcessing))
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: jwt) }
        #expect(error.code == .answerLost)
        let result = try await rig.enroll(jwt: jwt)
        #expect(result.isResumed)
        #expect(try await logsIn(rig))
        // Each API session was ended again.
        #expect(rig.controller.apiSessions.isEmpty || rig.controller.apiSessions.count == 2)
        try await rig.controller.shutdown()
    }

    @Test func aTokenThatSomebodyElseSpentIsNotTakenForOurs() async throws {
        let (rig, jwt, pem, authority) = try await start("ottca")
        var options = rig.options
        options.certificate = pem
        rig.controller.script(Fault(pathSuffix: "/enroll", effect: .closeBeforeProcessing))
        _ = try? await rig.enroll(jwt: jwt, options: options)
        // Another machine redeems the same JWT meanwhile.
        let other = try ScriptedStore(Rig.freshURI())
        let key = try await other.makeKey(.ecP256).publicKey()
        var theirs = options
        theirs.outputPath = rig.folder.path + "/theirs.json"
        theirs.certificate = CertificateList.pem([try authority.issueClient(key, name: "other")])
        try await rig.enroll(jwt: jwt, options: theirs, key: KeySource(store: other, pin: .none))
        let error = try await #require(throws: EnrollmentError.self) {
            try await rig.enroll(jwt: jwt, options: options)
        }
        #expect(error.code == .tokenSpent)
        try await rig.controller.shutdown()
    }
}
