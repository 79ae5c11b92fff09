import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// Controllers that serve as many authorities as a list may hold: more than sixty thousand bytes, all of which the journal
/// keeps together with the certificate.
struct LongBundleTests {
    private static let count = CertificateBundle.maximumCount

    private func start(otherAuthorities: Int = count - 2) async throws -> Rig {
        var configuration = Controller.Configuration()
        configuration.otherAuthorityCount = otherAuthorities
        return try await Rig.start(configuration)
    }

    @Test(arguments: EnrollmentResumeTests.resumable.filter { ![.keyIntended, .keyGenerated].contains($0) })
    func allOfThemAreKeptThroughAKill(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await start()
        try await rig.stop(at: milestone)
        if [.certificateRecorded, .certificateChecked, .certificateStored].contains(milestone) {
            #expect(try Data(contentsOf: URL(filePath: rig.journal)).count > 60_000)
        }
        try await rig.enroll()
        let authorities = try rig.identity().authorities
        #expect(authorities.count == Self.count)
        #expect(authorities.reduce(0) { $0 + $1.count } > 60_000)
        #expect(rig.posts == 1)
        #expect(try rig.folder.names() == ["identity.json"])
        _ = try await Authenticator(identity: rig.identity(), timeoutSeconds: 300)
            .authenticate(with: KeySource(store: rig.store, pin: .none))
        try await rig.controller.shutdown()
    }

    @Test(arguments: [EnrollmentMilestone.certificateRecorded, .identityWritten])
    func theyAreKeptWithoutAKeyToo(_ milestone: EnrollmentMilestone) async throws {
        let rig = try await start()
        let jwt = try rig.controller.networkJWT
        _ = try? await rig.enroll(jwt: jwt, withoutKey: true, stop: milestone)
        #expect(try Data(contentsOf: URL(filePath: rig.journal)).count > 60_000)
        try await rig.enroll(jwt: jwt, withoutKey: true)
        let text = try String(contentsOfFile: rig.output, encoding: .utf8)
        #expect(text.components(separatedBy: "BEGIN CERTIFICATE").count == Self.count + 1)
        try await rig.controller.shutdown()
    }

    @Test func theOperatorsOwnAuthoritiesComeOnTopAndOutliveAKillToo() async throws {
        let rig = try await start()
        var options = rig.options
        options.additionalAuthorities = try TestAuthority().pem
        try await rig.stop(at: .certificateRecorded, options: options)
        try await rig.enroll(options: options)
        #expect(try rig.identity().authorities.count == Self.count + 1)
        try await rig.controller.shutdown()
    }

    @Test func moreThanCanBeKeptAreRefusedBeforeTheTokenIsSpent() async throws {
        let rig = try await start()
        var options = rig.options
        let further = CertificateList.maximumCount - Self.count + 1
        options.additionalAuthorities = try (0..<further).map { _ in try TestAuthority().pem }.joined()
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(options: options) }
        #expect(error.code == .caBundleInvalid)
        #expect(error.hint.contains("--ca"))
        #expect(rig.posts == 0)
        #expect(try rig.folder.names().isEmpty)
        try await rig.enroll()
        try await rig.controller.shutdown()
    }

    @Test func aListOfOneMoreIsRefusedBeforeTheTokenIsSpent() async throws {
        let rig = try await start(otherAuthorities: Self.count - 1)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .caBundleInvalid)
        #expect(rig.posts == 0)
        try await rig.controller.shutdown()
    }
}
