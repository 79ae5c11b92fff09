import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// An identity whose certificate an authority of somebody else's issued: the controller lets it in, and renews nothing.
struct PartnerIdentityTests {
    /// Surroundings with such an identity in `ziggy.json`, enrolled by `ottca`.
    private func enrolled(
        _ store: TestedStore
    ) async throws -> (line: CommandLine, controller: Controller, use: [String]) {
        let (line, key, make, use) = try await store.prepare()
        let controller = try await Controller.start()
        try await line.output(["generate", key] + make)
        let authority = try controller.addAuthority(name: "partner", pem: try await line.certify(key, use))
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy", authority: authority).jwt, mode: 0o600)
        try await line.output(["enroll", "-j", "ziggy.jwt", "-k", key, "--cert", "ziggy.crt"] + use)
        return (line, controller, use)
    }

    /// Every file in the folder and below, tokens too, with its bytes.
    private func files(_ line: CommandLine) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        let names = FileManager.default.enumerator(atPath: line.folder)
        while let name = names?.nextObject() as? String {
            // In a token's own file SoftHSM counts the logins.
            if !name.hasSuffix("token.object"), let bytes = try? line.read(name) { files[name] = bytes }
        }
        return files
    }

    @Test(arguments: TestedStore.allCases)
    func neitherRenewalNorRollIsMadeAndNothingChanges(_ store: TestedStore) async throws {
        let (line, controller, use) = try await enrolled(store)
        // What a login alone leaves in a token's files is there before.
        try await line.output(["authenticate", "ziggy.json"] + use)
        let before = try files(line)
        let target = ["--to", line.file("new.pem"), "--generate", "--no-passphrase", "--delete-old"]
        for command in [["renew", "ziggy.json"], ["roll", "ziggy.json"] + target] {
            let outcome = try await line.run(["identity"] + command + use + ["--json"])
            #expect(outcome.status == 76, "\(outcome)")
            #expect(outcome.jsonCode == "notRenewable")
            let message = outcome.jsonError?["message"] as? String
            #expect(
                message?.contains("does not renew this certificate, which an authority of somebody else's issued")
                    == true)
            let hint = outcome.jsonError?["hint"] as? String
            #expect(hint?.contains("renewed by the authority that issued them; enroll with the new one") == true)
            #expect(outcome.jsonError?["subject"] as? String == "ziggy.json")
            let after = try files(line)
            #expect(Set(after.keys) == Set(before.keys), "files came or went")
            for (name, bytes) in before { #expect(after[name] == bytes, "\(name) has changed") }
        }
        #expect(try await line.run(["authenticate", "ziggy.json"] + use).status == 0)
        try await controller.shutdown()
    }

    @Test func aRenewalWhenDueSaysThatItIsNotDueAndLaterThatThereIsNone() async throws {
        let (line, controller, _) = try await enrolled(.plainFile)
        let notDue = try await line.run(["identity", "renew", "ziggy.json", "--if-due", "1h"])
        #expect(notDue.status == 0 && notDue.outputText.hasPrefix("not due until\t"), "\(notDue)")
        let due = try await line.run(["identity", "renew", "ziggy.json", "--if-due", "30d", "--json"])
        #expect(due.status == 76 && due.jsonCode == "notRenewable", "\(due)")
        #expect(!line.exists("ziggy.json.next") && !line.exists("ziggy.json.renewing"))
        try await controller.shutdown()
    }
}
