import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing

/// A process that is really killed while it renews an identity or changes its key, at each step that it announces; then the
/// same command once more.
struct KilledRenewalTests {
    @Test(arguments: 1...12)
    func theSameRollFromAFileIntoSoftHSMGoesOnAfterAKill(_ step: Int) async throws {
        let place = try await Workplace()
        let token = SoftHSM.shared.makeToken(label: "end to end")
        try place.write(token.pin, "pin")
        try place.makeJWT("gateway")
        try await place.run(
            [
                "enroll", "-j", "gateway.jwt", "-k", "file:gateway.pem", "--generate", "--no-passphrase", "-o",
                "gateway.json",
            ])
        let arguments = [
            "identity", "roll", "gateway.json", "--to", token.uri("object=gateway"), "--generate", "--to-pin-source",
            "pin", "--delete-old",
        ]
        try await killAndRepeat(arguments, step, place)
        #expect(try place.identityKey("gateway.json").contains("object=gateway"))
        #expect(!FileManager.default.fileExists(atPath: place.path("gateway.pem")))
        try await place.run(["authenticate", "gateway.json", "--pin-source", "pin"])
        let listed = try await place.run(["list", token.uri, "--pin-source", "pin", "--only-uris"])
        #expect(listed.outputText.split(separator: "\n").count == 1, "not one key is on the token: \(listed)")
    }

    @Test(arguments: 1...11)
    func theSameRenewalGoesOnAfterAKill(_ step: Int) async throws {
        let place = try await Workplace()
        try place.makeJWT("laptop")
        try await place.run(
            [
                "enroll", "-j", "laptop.jwt", "-k", "file:laptop.pem", "--generate", "--no-passphrase", "-o",
                "laptop.json",
            ])
        try await killAndRepeat(["identity", "renew", "laptop.json"], step, place)
        try await place.run(["identity", "check", "laptop.json"])
    }

    private func killAndRepeat(_ arguments: [String], _ step: Int, _ place: Workplace) async throws {
        let killed = try place.tool(arguments).start()
        _ = try killed.waitForErrorOutput("[\(step)/12]")
        killed.signal(SIGKILL)
        let ended = try killed.waitForEnd()
        try #require(ended.status == 128 + SIGKILL || ended.status == 0, "\(ended)")
        // Where the kill came too late, everything is done, and a roll to the key that is there is none.
        let again = try await place.tool(arguments).run()
        let isDone = ended.status == 0 || (again.status == 68 && step >= 10)
        #expect(again.status == 0 || isDone, "\(again)")
        for name in try FileManager.default.contentsOfDirectory(atPath: place.folder.path) {
            #expect(!name.hasSuffix(".next") && !name.hasSuffix(".renewing"), "\(name) was left: \(again)")
        }
    }
}
