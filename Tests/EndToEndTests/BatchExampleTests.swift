import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import Testing

/// The examples that carry a batch past one machine, as they stand in `Sources/ziti-keystore/Examples`.
///
/// Slurm and Kubernetes themselves are not run: their examples get the variables that those set.
struct BatchExampleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/ziti-keystore/Examples").path

    /// A workplace with a manifest of twelve rows.
    private func prepare(key: (Int) -> String) async throws -> Workplace {
        let place = try await Workplace()
        for name in ["keys", "out"] { try place.folder.makeFolder(name) }
        var manifest = "jwt,key,out\n"
        for number in 0..<12 {
            try place.makeJWT("device-\(number)")
            manifest += "device-\(number).jwt,\(key(number)),out/device-\(number).json\n"
        }
        try place.write(manifest, "manifest.csv")
        return place
    }

    /// A shell in the workplace's folder that finds the command line by its name.
    private func shell(_ place: Workplace, _ arguments: [String], _ environment: [String: String]) -> Program {
        var program = place.tool([])
        program.path = "/bin/sh"
        program.arguments = arguments
        program.environment.merge(environment) { $1 }
        program.environment["PATH"] = "\(BuildFolder.path):\(program.environment["PATH", default: "/usr/bin:/bin"])"
        return program
    }

    private func expectAllDone(_ place: Workplace) throws {
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("out")).count == 12)
        #expect(place.controller.requests.count { $0.method == "POST" } == 12)
    }

    @Test func theSlurmArrayEnrollsEveryRowOnce() async throws {
        let place = try await prepare { "file:keys/\($0).pem" }
        for task in 1...3 {
            let outcome = try await shell(
                place, ["\(Self.folder)/slurm-array", "manifest.csv", "--generate", "--no-passphrase"],
                ["SLURM_ARRAY_TASK_ID": "\(task)", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_CPUS_PER_TASK": "2"]
            ).run()
            #expect(outcome.status == 0, "\(outcome)")
        }
        try expectAllDone(place)
    }

    @Test func theKubernetesJobEnrollsEveryRowOnce() async throws {
        let token = SoftHSM.shared.makeToken(label: "kubernetes")
        let place = try await prepare { token.uri("object=device-\($0)") }
        let text = try String(contentsOfFile: "\(Self.folder)/kubernetes-indexed-job.yaml", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // The block of text that the container's shell is given.
        let first = try #require(lines.firstIndex { $0.hasSuffix("- |") }) + 1
        let indent = String(lines[first].prefix { $0 == " " })
        let script = lines[first...].prefix { $0.hasPrefix(indent) }.map { $0.dropFirst(indent.count) }
        let count = try #require(lines.first { $0.contains("completions:") }?.firstMatch(of: /\d+/)?.output)
        #expect(text.contains("value: \"\(count)\""), "SHARDS is not the number of completions")
        for index in 0..<3 {
            let outcome = try await shell(
                place, ["-c", script.joined(separator: "\n")],
                [
                    "JOB_COMPLETION_INDEX": "\(index)", "SHARDS": "3", "FLEET": place.folder.path,
                    "FLEET_PIN": token.pin,
                ]
            ).run()
            #expect(outcome.status == 0, "\(outcome)")
        }
        try expectAllDone(place)
    }

    // The last line of a list of hosts may lack its newline.
    @Test(arguments: ["first\nsecond\n", "first\nsecond"])
    func parallelOverSSHEnrollsEveryRowOnceAndAgainNone(_ hosts: String) async throws {
        let place = try await prepare { "file:keys/\($0).pem" }
        let daemon = try await SSHDaemon(place.folder)
        try place.write(hosts, "hosts.txt")
        let program = shell(
            place,
            ["\(Self.folder)/parallel-ssh", "hosts.txt", place.folder.path, "--generate", "--no-passphrase"],
            ["RSH": daemon.client, "ZITI_KEYSTORE": "\(BuildFolder.path)/ziti-keystore", "HOME": place.folder.path])
        let outcome = try await program.run()
        try #require(outcome.status == 0, "\(outcome)")
        try expectAllDone(place)
        let rows = outcome.outputText.split(separator: "\n").map { $0.split(separator: "\t").prefix(2) }
        #expect(rows.count == 12 && rows.allSatisfy { $0[1] == "enrolled" }, "\(outcome)")
        // Each of the two had a part, and said so under its name.
        #expect(Set(rows.map { $0[0].prefix { $0 != " " } }) == ["first", "second"], "\(outcome)")

        let again = try await program.run()
        #expect(again.status == 0, "\(again)")
        #expect(again.outputText.split(separator: "\n").allSatisfy { $0.contains("\talreadyDone\t") }, "\(again)")
        try expectAllDone(place)
        try daemon.stop()
    }
}
