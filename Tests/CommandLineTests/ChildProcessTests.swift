import ChildProcess
import Testing

/// The tool that the other tests of this kind stand on.
struct ChildProcessTests {
    @Test func aChildReadsItsInputAndItsFurtherDescriptorsAndReportsItsStatus() async throws {
        var program = try Program.system("sh", ["-c", "cat; cat <&5 >&2; echo $NAME; pwd; exit 7"])
        program.input = Array("input\n".utf8)
        program.descriptors = [5: Array("five\n".utf8)]
        program.environment = ["NAME": "value"]
        program.workingDirectory = "/usr"
        program.environment["PATH"] = "/usr/bin:/bin"
        let outcome = try await program.run()
        #expect(outcome.status == 7)
        #expect(outcome.outputText == "input\nvalue\n/usr\n")
        #expect(outcome.errorText == "five\n")
    }

    @Test func aChildThatDoesNotEndIsKilledAtTheDeadlineAndItsOutputIsShown() async throws {
        var program = try Program.system("sh", ["-c", "echo said; exec tail -f /dev/null"])
        program.deadlineSeconds = 0.5
        let error = try #require(await #expect(throws: ProgramFailure.self) { try await program.run() })
        #expect(error.description.contains("said"))
        #expect(error.description.contains("status 137"))
    }

    @Test func moreInputThanAPipeHoldsComesBackWhole() async throws {
        var program = try Program.system("cat")
        program.input = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let outcome = try await program.run()
        #expect(outcome.output == program.input)
    }

    @Test func aChildThatReadsNothingDoesNotEndThisProcess() async throws {
        var program = try Program.system("true")
        program.input = [UInt8](repeating: 0, count: 1 << 20)
        #expect(try await program.run().status == 0)
    }

    @Test func aDaemonIsHeardWhileItRunsAndStopsWhenAsked() async throws {
        let daemon = try Program.system("sh", ["-c", "echo ready 17; exec cat"]).start()
        #expect(try daemon.waitForLine(containing: "ready") == "ready 17")
        daemon.send("more\n")
        try daemon.waitForLine(containing: "more")
        #expect(try daemon.stop().status == 128 + 15)
    }

    @Test func aDaemonThatEndsEarlyIsReportedWithWhatItSaid() async throws {
        let daemon = try Program.system("sh", ["-c", "echo no >&2; exit 3"]).start()
        let error = try #require(throws: ProgramFailure.self) { try daemon.waitForLine(containing: "ready") }
        #expect(error.description.contains("status 3"))
        #expect(error.description.contains("no"))
    }

    @Test func aChildOnATerminalSeesOneAndIsAnswered() async throws {
        let child = try Program.system("sh", ["-c", "tty; printf 'name? '; read name </dev/tty; echo hello $name"])
            .start(onTerminal: true)
        try child.waitForOutput("name? ")
        child.send("ada\n")
        let outcome = try child.waitForEnd()
        #expect(outcome.outputText.contains("/dev/pts/"))
        #expect(outcome.outputText.contains("hello ada"))
    }
}
