import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import TemporaryFiles
import Testing

/// Batches as long as a fleet's.
struct FleetTests {
    /// How many tokens the keys are spread over. SoftHSM looks at every object of a token whenever one is looked for, so that a
    /// thousand keys on one token cost it a minute and more.
    private static let tokenCount = 10
    /// As many rows in a row are on one token, so that it is used by several at once.
    private static let jobCount = 4

    /// A workplace with tokens of its own, which hold nothing else: SoftHSM reads what other tests made, too. In memory where
    /// that can be: SoftHSM writes several files for each key.
    private func prepare() async throws -> (place: Workplace, tokens: TemporaryFolder, environment: [String: String]) {
        let place = try await Workplace()
        let tokens = TemporaryFolder(in: access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp")
        for name in ["keys", "out"] { try place.folder.makeFolder(name) }
        try place.write(
            "directories.tokendir = \(tokens.path)\nobjectstore.backend = file\nlog.level = ERROR\n",
            "softhsm2.conf")
        try place.write("fleet-pin-5813\n", "pin")
        let environment = ["SOFTHSM2_CONF": place.path("softhsm2.conf")]
        for number in 0..<Self.tokenCount {
            var tool = try Program.system(
                "softhsm2-util",
                [
                    "--init-token", "--free", "--label", "fleet-\(number)", "--pin", "fleet-pin-5813", "--so-pin",
                    "fleet-so-pin-5813",
                ])
            tool.environment.merge(environment) { $1 }
            let made = try await tool.run()
            try #require(made.status == 0, "\(made)")
        }
        return (place, tokens, environment)
    }

    @Test(arguments: [false, true])
    func aThousandIdentitiesTakeNoMoreMemoryThanAHundred(inSoftHSM: Bool) async throws {
        let (place, tokens, environment) = try await prepare()
        defer { tokens.remove() }
        func enroll(_ range: Range<Int>) async throws -> [String: Any] {
            var manifest = "jwt,key,out\n"
            for number in range {
                let jwt = try place.controller.makeEnrollment(name: "device-\(number)").jwt
                let key =
                    inSoftHSM
                    ? "pkcs11:token=fleet-\(number / Self.jobCount % Self.tokenCount);object=\(number)?module-path=\(SoftHSM.modulePath)"
                    : "file:keys/\(number).pem"
                manifest += "\(jwt),\(key),out/\(number).json\n"
            }
            try place.write(manifest, "manifest.csv")
            var tool = place.tool([
                "enroll", "--batch", "manifest.csv", "--generate", "--no-passphrase", "--pin-source", "pin", "--json",
                "--jobs", "\(Self.jobCount)",
            ])
            tool.environment.merge(environment) { $1 }
            tool.deadlineSeconds = 1200
            let outcome = try await tool.run()
            try #require(outcome.status == 0, "\(outcome.errorText)")
            let last = try #require(outcome.outputText.split(separator: "\n").last)
            let object = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
            let report = try #require(object?["report"] as? [String: Any])
            #expect(report["enrolled"] as? Int == range.count)
            return report
        }
        // The long one first. The module keeps all objects of its tokens in memory, and the short one finds as many there.
        let long = try await enroll(0..<1000)
        let short = try await enroll(1000..<1100)
        #expect(place.controller.requests.count { $0.method == "POST" } == 1100)
        let (longPeak, shortPeak) = (
            try #require(long["peakMemoryKilobytes"] as? Int), try #require(short["peakMemoryKilobytes"] as? Int)
        )
        #expect(longPeak < shortPeak * 5 / 4, "\(shortPeak) kB for 100, \(longPeak) kB for 1000")
        for number in [0, 999, 1099] {
            var tool = place.tool(["authenticate", "out/\(number).json", "--pin-source", "pin"])
            tool.environment.merge(environment) { $1 }
            let outcome = try await tool.run()
            #expect(outcome.outputText.contains("device-\(number) ("), "\(outcome)")
        }
    }
}
