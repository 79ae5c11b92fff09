import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// A disk that fills up, wherever a renewal writes; then room is made, and the same command is given once more.
///
/// The disk is a small tmpfs in a mount namespace of its own, which takes the right to make one.
struct FullDiskRenewalTests {
    /// The journal takes sixteen pages, the new identity file and the certificate beside the key one or two each.
    private static let pagesLeft = [0, 8, 15, 16, 17, 18, 19, 20, 24]

    private static let script = """
        mount -t tmpfs -o size=192k tmpfs disk && cp gateway.json gateway.pem* disk && cd disk || exit 2
        dd if=/dev/zero of=full bs=4096 status=none 2>/dev/null
        truncate -s -$(($0 * 4096)) full || exit 2
        "$@" >../first 2>&1
        echo $? >../status
        cp gateway.json ../after
        ls >../left
        rm full
        "$@" && cp gateway.json ../end
        """

    @Test(arguments: pagesLeft)
    func theIdentityWorksAfterADiskWasFull(_ pages: Int) async throws {
        let place = try await Workplace()
        try FileManager.default.createDirectory(atPath: place.path("disk"), withIntermediateDirectories: false)
        try place.makeJWT("gateway")
        try await place.run([
            "enroll", "-j", "gateway.jwt", "-k", "file:gateway.pem", "--generate", "--no-passphrase", "-o",
            "gateway.json",
        ])
        let tool = place.tool(["identity", "renew", "gateway.json"])
        var program = try Program.system(
            "unshare",
            ["--mount", "--propagation", "private", "sh", "-c", Self.script, "\(pages)", tool.path] + tool.arguments)
        program.environment = tool.environment
        program.workingDirectory = tool.workingDirectory
        let outcome = try await program.run()

        func text(_ name: String) throws -> String { String(decoding: try place.folder.read(name), as: UTF8.self) }
        let first = try text("first")
        let status = try text("status").trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(outcome.status == 0, "with \(pages) pages left: \(first), then \(outcome)")
        #expect(["0", "73"].contains(status), "with \(pages) pages left: \(first)")
        if pages < 16 { #expect(status == "73", "the journal had no room, and nobody noticed: \(first)") }
        if pages == Self.pagesLeft.last { #expect(status == "0", "there was room: \(first)") }
        if status == "73" {
            #expect(first.contains("space"), "that the disk is full is not said: \(first)")
            #expect(try text("after") == text("gateway.json"), "the identity file has changed")
            #expect(
                !place.controller.requests.contains { $0.path.hasSuffix("/extend-verify") && $0.status != 200 },
                "the controller was told of a certificate that was not kept")
        }
        try FileManager.default.removeItem(atPath: place.path("gateway.json"))
        try FileManager.default.copyItem(atPath: place.path("end"), toPath: place.path("gateway.json"))
        try await place.run(["identity", "check", "gateway.json"])
    }
}
