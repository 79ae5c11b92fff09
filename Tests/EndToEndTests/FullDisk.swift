import ChildProcess
import Foundation
import Testing

/// A small disk that fills up: a command is given once while it has so many pages left, and once more when there is room.
///
/// The disk is a tmpfs in a mount namespace of its own, which takes the right to make one. It is at `disk` in the workplace,
/// and what it holds in the end is found there afterwards.
struct FullDisk {
    /// How the first attempt ended: its status, what it printed, and the names that were on the disk then.
    let status: Int32
    let printed: String
    let names: [String]
    /// How the second ended, with both outputs.
    let second: ProgramOutcome

    /// The first argument is how many pages are left; the disk begins with what is in `disk` already. `seen` keeps what was
    /// there after the first attempt.
    private static let script = """
        mkdir held seen && cp -a disk/. held && mount -t tmpfs -o size=256k tmpfs disk && cp -a held/. disk && cd disk || exit 2
        dd if=/dev/zero of=full bs=4096 status=none 2>/dev/null
        truncate -s -$(($0 * 4096)) full || exit 2
        "$@" >../first 2>&1
        echo $? >../status
        ls -A >../left
        cp -a . ../seen && rm full ../seen/full
        "$@"
        result=$?
        rm -rf ../held/* && cp -a . ../held
        exit $result
        """

    /// Gives the command with so many pages of 4096 bytes left. What is on the disk at first stands in `disk` in the workplace.
    init(_ arguments: [String], pages: Int, in place: Workplace) async throws {
        let tool = place.tool(arguments)
        var program = try Program.system(
            "unshare",
            ["--mount", "--propagation", "private", "sh", "-c", Self.script, "\(pages)", tool.path] + tool.arguments)
        program.environment = tool.environment
        program.workingDirectory = tool.workingDirectory
        second = try await program.run()
        func text(_ name: String) throws -> String { String(decoding: try place.folder.read(name), as: UTF8.self) }
        printed = try text("first")
        status = try #require(Int32(try text("status").trimmingCharacters(in: .whitespacesAndNewlines)))
        names = try text("left").split(separator: "\n").map { String($0) }.filter { $0 != "full" }
        try FileManager.default.removeItem(atPath: place.path("disk"))
        try FileManager.default.moveItem(atPath: place.path("held"), toPath: place.path("disk"))
    }
}
