import ChildProcess
import Foundation
import Synchronization
import TemporaryFiles
import Testing
import Threads

@testable import ziti_keystore

/// What stands in a trace, and what never does.
struct TraceTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test func everyNativeCallStandsInItAndNoPINDoes() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let outcome = try await line.run([
            "generate", "pkcs11:token=demo;object=ziggy", "--pin-source", line.path("pin"), "--trace",
            line.path("trace"),
        ])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(mode(line.path("trace")) == 0o600)
        let trace = String(decoding: try line.read("trace"), as: UTF8.self)
        #expect(!trace.contains(CommandLine.pin))
        let lines = trace.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "")
        #expect(lines[0].contains(#/^\# ziti-keystore [0-9.]+, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ; PINs are masked; /#))
        for call in lines.dropFirst().dropLast() {
            #expect(call.contains(#/^\d+\.\d{6} \d+ [^ ]/#), "\(call)")
        }
        for function in ["C_GetTokenInfo", "C_OpenSession", "C_Login", "C_GenerateKeyPair"] {
            #expect(trace.contains(function), "no \(function)")
        }
        #expect(trace.contains("CKR_OK"))
    }

    @Test func aWrongPINIsMaskedTooAndItsResultStandsThere() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let outcome = try await line.run([
            "generate", "pkcs11:token=demo;object=ziggy", "--pin-source", line.path("new-pin"), "--trace",
            line.path("trace"),
        ])
        #expect(outcome.status == 77, "\(outcome)")
        let trace = String(decoding: try line.read("trace"), as: UTF8.self)
        #expect(!trace.contains(CommandLine.newPIN))
        #expect(trace.contains(#/C_Login.*CKR_PIN_INCORRECT/#))
    }

    @Test func aTraceIsANewFile() async throws {
        let line = try CommandLine()
        line.write("trace", "precious")
        let there = try await line.run(["uri", "file:a", "--trace", line.path("trace"), "--json"])
        #expect(there.status == 68)
        #expect(there.jsonCode == "outputExists")
        #expect(try line.read("trace") == Array("precious".utf8))
        for path in [line.path("nowhere/trace"), "/dev/full"] {
            let outcome = try await line.run(["uri", "file:a", "--trace", path, "--json"])
            #expect(outcome.status == 73)
            #expect(outcome.jsonCode == "writeFailed")
        }
    }

    @Test func linesOfSeveralThreadsAreWholeAndTheirTimesGoUp() async throws {
        let folder = TemporaryFolder()
        let trace = try TraceFile(path: folder.path("trace"), version: "1") { _ in }
        await RealThreads.run(8) { number in
            for _ in 0..<500 { trace.write(String(repeating: "\(number)", count: 300)) }
        }
        let lines = String(decoding: try folder.read("trace"), as: UTF8.self).split(separator: "\n").dropFirst()
        #expect(lines.count == 4000)
        var last = 0.0
        for line in lines {
            let parts = line.split(separator: " ")
            let time = try #require(Double(parts[0]))
            #expect(parts.count == 3 && Set(parts[2]).count == 1 && parts[2].count == 300 && time >= last)
            last = time
        }
    }

    @Test func aLineCannotBreakIntoTwo() throws {
        let folder = TemporaryFolder()
        let trace = try TraceFile(path: folder.path("trace"), version: "1") { _ in }
        trace.write("C_GetTokenInfo\nlabel \u{1B}[2J")
        let text = String(decoding: try folder.read("trace"), as: UTF8.self)
        #expect(text.hasSuffix(" C_GetTokenInfo?label ?[2J\n"))
        #expect(text.split(separator: "\n").count == 2)
    }

    @Test func whatCannotBeWrittenIsToldOnce() throws {
        let folder = TemporaryFolder()
        let told = Mutex<[String]>([])
        // A pipe whose reader goes away; the program ignores the signal for that, and this process has to.
        signal(SIGPIPE, SIG_IGN)
        mkfifo(folder.path("pipe"), 0o600)
        let reader = open(folder.path("pipe"), O_RDONLY | O_NONBLOCK)
        let trace = try TraceFile(path: folder.path("pipe"), version: "1") { text in told.withLock { $0.append(text) } }
        close(reader)
        trace.write("a")
        trace.write("b")
        #expect(told.withLock { $0 } == ["The trace is not complete: Broken pipe."])
    }
}
