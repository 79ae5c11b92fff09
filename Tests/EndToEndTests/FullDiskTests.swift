import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// A disk that fills up, wherever an enrollment writes; then room is made, and the same command is given once more.
///
/// The disk is a small tmpfs in a mount namespace of its own, which takes the right to make one.
struct FullDiskTests {
    /// The journal takes sixteen pages, a key file and its certificate one each, the identity file one or two.
    private static let pagesLeft = 0...20

    private static let script = """
        mount -t tmpfs -o size=128k tmpfs disk && cd disk || exit 2
        dd if=/dev/zero of=full bs=4096 count=$((32 - $0)) status=none || exit 2
        "$@" >../first 2>&1
        echo $? >../status
        ls >../left
        rm full
        exec "$@"
        """

    @Test(arguments: pagesLeft)
    func nothingIsLostOnAFullDisk(_ pages: Int) async throws {
        let place = try await Workplace()
        try FileManager.default.createDirectory(atPath: place.path("disk"), withIntermediateDirectories: false)
        try place.makeJWT("gateway")
        let tool = place.tool([
            "enroll", "-j", "../gateway.jwt", "-k", "file:gateway.pem", "--generate", "--no-passphrase", "-o",
            "gateway.json",
        ])
        var program = try Program.system(
            "unshare",
            ["--mount", "--propagation", "private", "sh", "-c", Self.script, "\(pages)", tool.path] + tool.arguments)
        program.environment = tool.environment
        program.workingDirectory = tool.workingDirectory
        let outcome = try await program.run()

        func text(_ name: String) throws -> String { String(decoding: try place.folder.read(name), as: UTF8.self) }
        let first = try text("first")
        let status = try text("status").trimmingCharacters(in: .whitespacesAndNewlines)
        // Whoever is done has nothing to go on with.
        try #require(outcome.status == (status == "0" ? 68 : 0), "with \(pages) pages left: \(first), then \(outcome)")
        #expect(["0", "73"].contains(status), "with \(pages) pages left: \(first)")
        if pages <= 16 { #expect(status == "73", "the journal had no room, and nobody noticed: \(first)") }
        if pages == Self.pagesLeft.upperBound { #expect(status == "0", "there was room: \(first)") }
        if status == "73" {
            #expect(first.contains("space"), "that the disk is full is not said: \(first)")
            let left = try text("left").split(separator: "\n")
            #expect(!left.contains("gateway.json"), "an identity file is there, though not all of it could be written")
        }
        let posts = place.controller.requests.filter { $0.method == "POST" }
        #expect(posts.count == 1, "with \(pages) pages left the token was sent \(posts.count) times")
    }
}
