import ChildProcess
import DevelopmentController
import Foundation
import Testing
import VirtualYubiKey

/// Identity files that OpenZiti's C SDK reads: it reaches the key through ykcs11.
@Suite(.serialized)
struct SDKTests {
    @Test(arguments: [KeyAlgorithm.p256, .rsa2048])
    func theCSDKAuthenticatesWithTheKey(_ algorithm: KeyAlgorithm) async throws {
        let place = try await KeyPlace(serverKey: .rsa2048) { try $0.generate(algorithm, in: .authentication) }
        let enrollment = try place.makeJWT("gateway")
        let outcome = try await place.run(
            ["enroll", "-j", "gateway.jwt", "--key", "piv:serial=112233;slot=9a", "--sdk-compatible"]
                + KeyPlace.secrets)
        #expect(outcome.errorText.contains("warning"), "that the PIN is written is not said: \(outcome)")
        let reference = try place.identity("gateway.json", "key")
        #expect(reference.hasPrefix("pkcs11:///") && reference.contains("libykcs11.so"), "\(reference)")
        #expect(reference.contains("id=01") && reference.contains("slot=0x"), "\(reference)")
        #expect(try place.folder.mode("gateway.json") == 0o600)

        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let python = root.appending(path: ".build/python/bin/python").path
        try #require(
            FileManager.default.isExecutableFile(atPath: python), "the OpenZiti C SDK is missing: run make setup")
        place.key.clearLog()
        try await place.system(
            "timeout",
            [
                "-k", "5", "40", python, root.appending(path: "Tests/Judges/ziti_sdk.py").path, "authenticate",
                "gateway.json",
            ])
        try place.expectLogin(of: enrollment, with: .authentication)
        #expect(place.key.log.count(of: 0x87) > 0, "the key signed nothing")
        place.expectNoTryLost()

        // The same file is read here too.
        let before = place.controller.apiSessions.count
        try await place.run(["authenticate", "gateway.json", "--pin-source", "pin"])
        try place.expectLogin(of: enrollment, with: .authentication, after: before)
    }
}
