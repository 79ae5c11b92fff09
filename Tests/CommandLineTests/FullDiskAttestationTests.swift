import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// A disk that fills up, wherever an enrollment that keeps the key's attestation writes; then room is made, and the same
/// command is given once more.
///
/// The disk is a small tmpfs in a mount namespace of its own, which takes the right to make one.
struct FullDiskAttestationTests {
    private static let script = """
        mount -t tmpfs -o size=128k tmpfs disk && cd disk || exit 2
        dd if=/dev/zero of=full bs=4096 count=$((32 - $0)) status=none || exit 2
        "$@" >../first 2>&1
        echo $? >../status
        ls -A >../left
        rm full
        "$@"
        result=$?
        cp *.json ..
        exit $result
        """

    /// Runs a command on a disk with so many pages left, and once more with room. What it wrote is in the folder in the end.
    private func run(
        _ arguments: [String], pages: Int, _ line: CommandLine
    ) async throws -> (status: Int32, printed: String, names: [String], second: ProgramOutcome) {
        mkdir(line.path("disk"), 0o700)
        let tool = line.program(arguments)
        var program = try Program.system(
            "unshare",
            ["--mount", "--propagation", "private", "sh", "-c", Self.script, "\(pages)", tool.path] + tool.arguments)
        program.environment = tool.environment
        program.workingDirectory = tool.workingDirectory
        let second = try await program.run()
        func text(_ name: String) throws -> String { String(decoding: try line.read(name), as: UTF8.self) }
        let status = try #require(Int32(try text("status").trimmingCharacters(in: .whitespacesAndNewlines)))
        let names = try text("left").split(separator: "\n").map { String($0) }.filter { $0 != "full" }
        return (status, try text("first"), names, second)
    }

    /// The journal takes sixteen pages, the attestation and the identity file one or two each.
    @Test(arguments: [0, 15, 16, 17, 18, 19, 20, 21, 26])
    func anEnrollmentThatKeepsTheAttestationGoesOnAfterAFullDisk(_ pages: Int) async throws {
        let (line, plugin) = try await CommandLine.withDevice()
        let controller = try await Controller.start()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        let (status, printed, names, second) = try await run(
            ["enroll", "-j", "../ziggy.jwt", "-k", line.file("key.pem"), "--attest", "-o", "ziggy.json"] + plugin,
            pages: pages, line)
        let first = "with \(pages) pages left: \(printed)"
        // Whoever is done has nothing to go on with.
        try #require(second.status == (status == 0 ? 68 : 0), "\(first), then \(second)")
        #expect([0, 73].contains(status), "\(first)")
        if pages <= 16 { #expect(status == 73, "the journal had no room, and nobody noticed: \(first)") }
        if pages == 17 {
            #expect(printed.contains("attestation.json' cannot be written"), "the attestation was not met: \(first)")
        }
        if pages == 26 { #expect(status == 0, "there was room: \(first)") }
        if status == 73 {
            #expect(printed.contains("space"), "that the disk is full is not said: \(first)")
            #expect(!names.contains("ziggy.json"), "the identity is there, and something could not be written")
            #expect(!names.contains { $0.hasPrefix(".ziti-keystore") }, "\(names)")
        }
        #expect(controller.requests.filter { $0.method == "POST" }.count == 1, "\(first)")
        try await line.output([
            "verify-attestation", "ziggy.json.attestation.json", "--root", "root.pem", "--identity", "ziggy.json",
        ])
        try await controller.shutdown()
    }

    @Test(arguments: 0...2)
    func anAttestationAloneIsWrittenWholeOrNotAtAll(_ pages: Int) async throws {
        let (line, plugin) = try await CommandLine.withDevice()
        let (status, printed, names, second) = try await run(
            ["attest", line.file("key.pem"), "-o", "b.json"] + plugin, pages: pages, line)
        let first = "with \(pages) pages left: \(printed)"
        try #require(second.status == (status == 0 ? 68 : 0), "\(first), then \(second)")
        #expect(status == (pages == 0 ? 73 : 0) || pages == 1, "\(first)")
        if status != 0 { #expect(status == 73 && printed.contains("space") && names.isEmpty, "\(first)") }
        try await line.output(["verify-attestation", "b.json", "--root", "root.pem"])
    }
}
