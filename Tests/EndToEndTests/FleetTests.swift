import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing

/// Batches as long as a fleet's.
struct FleetTests {
    /// A workplace with a token of its own, which holds nothing else: SoftHSM reads what other tests made, too.
    private func prepare() async throws -> (place: Workplace, environment: [String: String]) {
        let place = try await Workplace()
        for name in ["tokens", "keys", "out"] { try place.folder.makeFolder(name) }
        try place.write(
            "directories.tokendir = \(place.path("tokens"))\nobjectstore.backend = file\nlog.level = ERROR\n",
            "softhsm2.conf")
        try place.write("fleet-pin-5813\n", "pin")
        let environment = ["SOFTHSM2_CONF": place.path("softhsm2.conf")]
        var tool = try Program.system(
            "softhsm2-util",
            ["--init-token", "--free", "--label", "fleet", "--pin", "fleet-pin-5813", "--so-pin", "fleet-so-pin-5813"])
        tool.environment.merge(environment) { $1 }
        let made = try await tool.run()
        try #require(made.status == 0, "\(made)")
        return (place, environment)
    }

    @Test(arguments: [false, true])
    func aThousandIdentitiesTakeNoMoreMemoryThanAHundred(inSoftHSM: Bool) async throws {
        let (place, environment) = try await prepare()
        func enroll(_ range: Range<Int>) async throws -> [String: Any] {
            var manifest = "jwt,key,out\n"
            for number in range {
                let jwt = try place.controller.makeEnrollment(name: "device-\(number)").jwt
                let key =
                    inSoftHSM
                    ? "pkcs11:token=fleet;object=\(number)?module-path=\(SoftHSM.modulePath)"
                    : "file:keys/\(number).pem"
                manifest += "\(jwt),\(key),out/\(number).json\n"
            }
            try place.write(manifest, "manifest.csv")
            var tool = place.tool([
                "enroll", "--batch", "manifest.csv", "--generate", "--no-passphrase", "--pin-source", "pin", "--json",
                "--jobs", "4",
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
        // The long one first. The module keeps all objects of a token in memory, and the short one finds as many there.
        let long = try await enroll(0..<1000)
        let short = try await enroll(1000..<1100)
        #expect(place.controller.requests.count { $0.method == "POST" } == 1100)
        let (longPeak, shortPeak) = (
            try #require(long["peakMemoryKilobytes"] as? Int), try #require(short["peakMemoryKilobytes"] as? Int)
        )
        #expect(longPeak < shortPeak * 5 / 4, "\(shortPeak) kB for 100, \(longPeak) kB for 1000")
        if let file = ProcessInfo.processInfo.environment["KEYSTORE_FLEET_TIMES"] {
            let line =
                "\(inSoftHSM ? "SoftHSM2" : "files") \(long["seconds"] ?? "") s \(longPeak) kB, \(short["seconds"] ?? "") s \(shortPeak) kB\n"
            let handle = FileHandle(forWritingAtPath: file)
            try handle?.seekToEnd()
            handle?.write(Data(line.utf8))
        }
        for number in [0, 999, 1099] {
            var tool = place.tool(["authenticate", "out/\(number).json", "--pin-source", "pin"])
            tool.environment.merge(environment) { $1 }
            let outcome = try await tool.run()
            #expect(outcome.outputText.contains("device-\(number) ("), "\(outcome)")
        }
    }
}
