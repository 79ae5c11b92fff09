import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing

/// A process that is really killed, at each step that it announces; then the same command once more.
struct KilledEnrollmentTests {
    /// The steps of an enrollment, by the words with which each announces itself.
    private static let steps = 1...10

    @Test(arguments: steps, [true, false])
    func theSameCommandGoesOnAfterAKill(_ step: Int, inSoftHSM: Bool) async throws {
        let place = try await Workplace()
        let token = SoftHSM.shared.makeToken(label: "end to end")
        try place.write(token.pin, "pin")
        try place.makeJWT("gateway")
        let reference = inSoftHSM ? token.uri("object=gateway") : "file:gateway.pem"
        let arguments =
            ["enroll", "-j", "gateway.jwt", "-k", reference, "--generate", "-o", "gateway.json"]
            + (inSoftHSM ? ["--pin-source", "pin"] : ["--no-passphrase"])

        let killed = try place.tool(arguments).start()
        _ = try killed.waitForErrorOutput("[\(step)/10]")
        killed.signal(SIGKILL)
        let ended = try killed.waitForEnd()
        try #require(ended.status == 128 + SIGKILL || ended.status == 0, "\(ended)")
        let wasPosted = place.controller.requests.contains { $0.method == "POST" }

        let again = try await place.tool(arguments).run()
        switch again.status {
        case 0:
            #expect(FileManager.default.fileExists(atPath: place.path("gateway.json")))
            try await place.run(["authenticate", "gateway.json"] + (inSoftHSM ? ["--pin-source", "pin"] : []))
        case 68:
            #expect(ended.status == 0 || FileManager.default.fileExists(atPath: place.path("gateway.json")), "\(again)")
        case 75:
            // The one state that cannot be resumed: the request was sent, and no answer was kept.
            #expect(wasPosted, "the token is said to be spent, and was never sent: \(again)")
            #expect(again.errorText.contains("JWT"), "the remedy is not named: \(again)")
            try place.makeJWT("gateway")
            try await place.run(arguments)
        default:
            Issue.record("\(again)")
        }
        #expect(!FileManager.default.fileExists(atPath: place.path("gateway.json.enrolling")))
        if inSoftHSM {
            let listed = try await place.run(["list", token.uri, "--pin-source", "pin", "--only-uris"])
            #expect(listed.outputText.split(separator: "\n").count == 1, "not one key is on the token: \(listed)")
        }
    }

    @Test(arguments: 8...10)
    func aListOfAuthoritiesOfMoreThanSixtyKilobytesOutlivesAKill(_ step: Int) async throws {
        let place = try await Workplace { $0.otherAuthorityCount = 62 }
        try place.makeJWT("gateway")
        let arguments = [
            "enroll", "-j", "gateway.jwt", "-k", "file:gateway.pem", "--generate", "--no-passphrase", "-o",
            "gateway.json",
        ]
        let killed = try place.tool(arguments).start()
        _ = try killed.waitForErrorOutput("[\(step)/10]")
        killed.signal(SIGKILL)
        let ended = try killed.waitForEnd()
        let again = try await place.tool(arguments).run()
        let isDone = ended.status == 0 || (again.status == 68 && step == 10)
        #expect(again.status == (isDone ? 68 : 0), "\(again)")
        let id = try #require(try place.identity("gateway.json")["id"] as? [String: Any])
        let authorities = try #require(id["ca"] as? String)
        #expect(authorities.utf8.count > 60_000)
        #expect(authorities.components(separatedBy: "BEGIN CERTIFICATE").count == 65)
        #expect(!FileManager.default.fileExists(atPath: place.path("gateway.json.enrolling")))
        try await place.run(["authenticate", "gateway.json"])
    }
}
