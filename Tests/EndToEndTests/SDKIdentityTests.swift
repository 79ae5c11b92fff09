import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing

/// Identity files that are to be read by OpenZiti's own SDKs.
struct SDKIdentityTests {
    @Test(arguments: [["--kty", "EC"], ["--kty", "RSA", "--size", "2048"]])
    func theCSDKAuthenticatesWithAnUnencryptedSoftwareKey(_ type: [String]) async throws {
        let place = try await Workplace.withRSAController()
        let enrollment = try place.makeJWT("laptop")
        try await place.run(["generate", "file:laptop.pem", "--no-passphrase"] + type)
        let outcome = try await place.run(
            ["enroll", "-j", "laptop.jwt", "-k", "file:laptop.pem", "--sdk-compatible", "-o", "laptop.json"])
        #expect(outcome.errorText.contains("warning"), "that the key was copied is not said: \(outcome)")

        try await authenticateWithSDK("laptop.json", in: place)
        #expect(place.controller.apiSessions.map(\.identityID) == [enrollment.identityID])
    }

    @Test(arguments: ["c-sdk", "go-sdk"])
    func theCSDKAuthenticatesWithAConvertedIdentityAlsoAfterItsRenewal(_ dialect: String) async throws {
        let place = try await Workplace.withRSAController()
        let enrollment = try place.makeJWT("laptop")
        try await place.run(
            [
                "enroll", "-j", "laptop.jwt", "-k", "file:laptop.pem", "--generate", "--no-passphrase", "-o",
                "laptop.json",
            ])
        try await place.run(
            ["identity", "convert", "laptop.json", "--to", dialect, "--include-secrets", "-o", "other.json"])
        try await authenticateWithSDK("other.json", in: place)
        #expect(place.controller.apiSessions.map(\.identityID) == [enrollment.identityID])

        try await place.run(["identity", "renew", "laptop.json"])
        try await place.run(
            ["identity", "convert", "laptop.json", "--to", dialect, "--include-secrets", "-o", "renewed.json"])
        let before = place.controller.apiSessions.count
        try await authenticateWithSDK("renewed.json", in: place)
        #expect(place.controller.apiSessions.count == before + 1)
    }

    /// Has the C SDK open an API session with an identity file.
    private func authenticateWithSDK(_ name: String, in place: Workplace) async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let python = root.appending(path: ".build/python/bin/python").path
        try #require(
            FileManager.default.isExecutableFile(atPath: python), "the OpenZiti C SDK is missing: run make setup")
        let driver = root.appending(path: "Tests/Judges/ziti_sdk.py").path
        try await place.system("timeout", ["-k", "5", "40", python, driver, "authenticate", name])
    }

    @Test func anEncryptedSoftwareKeyIsRefusedBeforeTheTokenIsSpent() async throws {
        let place = try await Workplace()
        try place.makeJWT("laptop")
        try place.write("a passphrase\n", "passphrase")
        try await place.run(["generate", "file:laptop.pem", "--passphrase-source", "passphrase"])
        let arguments = [
            "enroll", "-j", "laptop.jwt", "-k", "file:laptop.pem", "--passphrase-source", "passphrase", "-o",
            "laptop.json",
        ]
        let refused = try await place.run(arguments + ["--sdk-compatible"], status: 77)
        #expect(refused.errorText.contains("encrypted"), "\(refused)")
        #expect(!place.controller.requests.contains { $0.method == "POST" })
        try await place.run(arguments)
    }

    @Test func aPKCS11ReferenceHasTheFieldsThatBothSDKsReadAlike() async throws {
        let place = try await Workplace()
        let token = SoftHSM.shared.makeToken(label: "end to end", pin: "135790")
        try place.makeJWT("gateway")
        try place.write(token.pin, "pin")
        let outcome = try await place.run([
            "enroll", "-j", "gateway.jwt", "-k", token.uri("object=gateway;id=%0A%F1"), "--generate",
            "--pin-source", "pin", "--sdk-compatible", "-o", "gateway.json",
        ])
        #expect(outcome.errorText.contains("warning"), "that the PIN is written is not said: \(outcome)")
        #expect(!outcome.description.contains(token.pin), "the PIN was printed: \(outcome)")

        // Go takes the path, C what follows the two slashes: with an absolute path they are the same.
        let key = try place.identityKey("gateway.json")
        let parts = key.split(separator: "?", maxSplits: 1)
        try #require(parts.count == 2)
        let module = String(parts[0].dropFirst("pkcs11://".count))
        #expect(parts[0].hasPrefix("pkcs11:///"))
        #expect(
            URL(filePath: module).resolvingSymlinksInPath() == URL(filePath: token.modulePath).resolvingSymlinksInPath()
        )
        var fields: [String: String] = [:]
        for part in parts[1].split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1)
            fields[String(pair[0])] = String(pair[1])
        }
        #expect(fields["id"] == "0af1")
        #expect(fields["pin"] == token.pin)
        // Both readings of the number must be the slot that the token is in for a process that starts now.
        let slots = try await place.system("pkcs11-tool", ["--module", token.modulePath, "--list-slots"]).outputText
        let entry = try #require(slots.components(separatedBy: "\nSlot ").first { $0.contains(token.serial) })
        let number = try #require(entry.firstMatch(of: /\((0x[0-9a-f]+)\)/)).output.1
        #expect(fields["slot"].flatMap { UInt($0.dropFirst(2), radix: 16) } == UInt(number.dropFirst(2), radix: 16))
        #expect(fields["slot"]?.hasPrefix("0x") == true)
        #expect(Set(fields.keys).isSubset(of: ["id", "pin", "slot", "label"]))
    }
}
