import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// A disk that fills up under a SoftHSM2 token, into which a key rolls; then room is made, and the same command is given once
/// more. The old key is a file, on another disk, and is to be deleted.
///
/// The disk is a small tmpfs in a mount namespace of its own, which takes the right to make one.
struct FullDiskTokenTests {
    private static let script = """
        cp -a tokens held && mount -t tmpfs -o size=128k tmpfs tokens && cp -a held/. tokens || exit 2
        dd if=/dev/zero of=tokens/full bs=4096 status=none 2>/dev/null
        truncate -s -$(($0 * 4096)) tokens/full || exit 2
        "$@" >first 2>&1
        echo $? >status
        cp ziggy.json after
        ls >left
        rm tokens/full
        if test "$(cat status)" = 0; then true; else "$@"; fi
        result=$?
        rm -rf held/* && cp -a tokens/. held
        exit $result
        """

    /// The module writes the public key, the private one and the certificate, a page each. It says that a certificate is stored
    /// for which there was no room; the identity file has it.
    @Test(arguments: 0...4)
    func theOldKeyIsThereUntilTheTokenHasTheNewOne(_ pages: Int) async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let controller = try await Controller.start()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        try await line.output([
            "enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--generate", "--no-passphrase",
        ])
        let before = try line.read("ziggy.json")
        let tool = line.program([
            "identity", "roll", "ziggy.json", "--to", "pkcs11:token=demo;object=new", "--generate", "--to-pin-source",
            "pin", "--delete-old",
        ])
        var program = try Program.system(
            "unshare",
            ["--mount", "--propagation", "private", "sh", "-c", Self.script, "\(pages)", tool.path] + tool.arguments)
        program.environment = tool.environment
        program.workingDirectory = tool.workingDirectory
        let second = try await program.run()

        func text(_ name: String) throws -> String { String(decoding: try line.read(name), as: UTF8.self) }
        let first = "with \(pages) pages left: \(try text("first"))"
        let status = try text("status").trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(second.status == 0, "\(first), then \(second)")
        #expect(["0", "69"].contains(status), "\(first)")
        if pages == 0 { #expect(status == "69", "\(first)") }
        if pages == 4 { #expect(status == "0", "\(first)") }
        if status == "69" {
            #expect(try text("first").contains("C_GenerateKeyPair"), "\(first)")
            #expect(try line.read("after") == before, "the identity file has changed")
            #expect(try text("left").split(separator: "\n").contains("key.pem"), "the old key is gone")
        }
        try FileManager.default.removeItem(atPath: line.path("tokens"))
        try FileManager.default.moveItem(atPath: line.path("held"), toPath: line.path("tokens"))
        #expect(!line.exists("key.pem") && !line.exists("ziggy.json.next") && !line.exists("ziggy.json.renewing"))
        try await line.output(["identity", "check", "ziggy.json", "--pin-source", "pin"])
        let keys = try await line.output(["list", "pkcs11:token=demo", "--only-uris", "--pin-source", "pin"])
        #expect(keys.split(separator: "\n").count == 1, "\(keys)")
        try await controller.shutdown()
    }
}
