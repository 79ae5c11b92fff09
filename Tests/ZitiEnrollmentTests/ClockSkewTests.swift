import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// A wrong clock is named where it is the reason, and by how much.
struct ClockSkewTests {
    private func start(ahead seconds: Double) async throws -> Rig {
        var configuration = Controller.Configuration()
        configuration.now = { Date().addingTimeInterval(seconds) }
        return try await Rig.start(configuration)
    }

    @Test func aJWTThatSeemsExpiredToAClockThatIsAheadNamesTheClock() async throws {
        let rig = try await start(ahead: -7200)
        let jwt = try rig.controller.makeJWT(for: rig.enrollment) { $0.expiresAt = .now - 3600 }
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll(jwt: jwt) }
        #expect(error.code == .jwtExpired)
        #expect(error.message.contains("this machine's clock is 2 h ahead of the controller's"), "\(error)")
        #expect(error.hint.contains("Set this machine's clock"))
        try await rig.controller.shutdown()
    }

    @Test func aServerCertificateThatIsNotValidYetNamesTheClock() async throws {
        let rig = try await start(ahead: 3 * 86_400)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateNotTrusted)
        #expect(error.message.contains("this machine's clock is 3 d behind the controller's"), "\(error)")
        try await rig.controller.shutdown()
    }

    @Test func aCertificateThatIsNotValidYetIsKeptAndTheClockNamed() async throws {
        let clock = ManualClock(Date())
        var configuration = Controller.Configuration()
        configuration.now = { clock.now }
        let rig = try await Rig.start(configuration)
        clock.advance(seconds: 1800)
        let error = try await #require(throws: EnrollmentError.self) { try await rig.enroll() }
        #expect(error.code == .certificateMismatch)
        #expect(error.message.contains("is 30 min behind"), "\(error)")
        #expect(try rig.folder.names() == ["identity.json.enrolling"])
        try await rig.controller.shutdown()
    }

    @Test func aClockThatDiffersByLessThanAMinuteIsNotBlamed() {
        let error = EnrollmentError(.jwtExpired, "expired", hint: "hint")
        for ahead in [nil, 0, 59, -59] as [Double?] {
            #expect(ClockSkew.explain(error, controllerIsAhead: ahead).message == "expired")
        }
        #expect(ClockSkew.explain(error, controllerIsAhead: 61).message.contains("61 s behind"))
    }

    @Test(arguments: [
        (61.0, "61 s"), (119, "119 s"), (125, "2 min 5 s"), (3600, "1 h"), (3661, "1 h 1 min"), (90_000, "1 d 1 h"),
        (1e15, "11574074 d 1 h"),
    ])
    func theDifferenceIsInWords(_ seconds: Double, _ words: String) {
        #expect(ClockSkew.words(seconds) == words)
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
    ])
    func theTimeInAHeaderIsRead(_ text: String, _ seconds: Double) {
        #expect(HTTPDate.parse(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "", "now", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
    ])
    func whatIsNoTimeIsNone(_ text: String) { #expect(HTTPDate.parse(text) == nil) }
}
