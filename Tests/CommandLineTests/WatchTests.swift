import ChildProcess
import Foundation
import Testing

/// Tokens that come and go, as lines.
struct WatchTests {
    @Test(arguments: [["pkcs11:token=demo"], []])
    func whatIsThereIsPrintedAtOnceAndAnInterruptEndsIt(_ reference: [String]) async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let child = try line.program(["tokens", "--watch"] + reference).start()
        let printed = try child.waitForLine(containing: "token=demo")
        #expect(printed.hasPrefix("inserted\tpkcs11:token=demo;"))
        #expect(printed.hasSuffix("\tPIN set"))
        child.signal(SIGINT)
        let outcome = try child.waitForEnd()
        #expect(outcome.status == 130)
        #expect(outcome.errorText.contains("error: it was interrupted"))
    }

    @Test func whatIsKnownOfTheModuleIsToldToo() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let outcome = try await line.run([
            "tokens", "--watch", "pkcs11:token=demo", "--verbose", "--timeout", "2",
        ])
        #expect(outcome.outputText.contains("libsofthsm2.so"), "\(outcome)")
    }

    @Test func theTimeLimitEndsItWith124() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let outcome = try await line.run(["tokens", "--watch", "pkcs11:token=demo", "--timeout", "2"])
        #expect(outcome.status == 124, "\(outcome)")
        #expect(outcome.outputText.hasPrefix("inserted\tpkcs11:token=demo;"))
    }

    @Test func withJSONEachEventIsAnObjectOnALineOfItsOwn() async throws {
        let line = try CommandLine()
        try await line.makeToken("demo")
        try await line.makeToken("other")
        let child = try line.program(["tokens", "--watch", "pkcs11:model=SoftHSM%20v2", "--json"]).start()
        for label in ["demo", "other"] {
            let text = try child.waitForLine(containing: "\"label\":\"\(label)\"")
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(object["format"] as? Int == 1)
            let items = try #require(object["tokens"] as? [[String: Any]])
            #expect(items.count == 1)
            #expect(items[0]["event"] as? String == "inserted")
            #expect((items[0]["uri"] as? String)?.hasPrefix("pkcs11:token=\(label);") == true)
        }
        child.signal(SIGINT)
        #expect(try child.waitForEnd().jsonCode == "cancelled")
    }

    @Test func aReaderThatGoesAwayEndsIt() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        var shell = line.program(["tokens", "--watch", "pkcs11:token=demo"])
        shell.arguments = ["-c", "{ \"$0\" \"$@\"; echo status $? >&2; } | head -n 1", shell.path] + shell.arguments
        shell.path = "/bin/sh"
        let outcome = try await shell.run()
        #expect(outcome.outputText.hasPrefix("inserted\t"), "\(outcome)")
        #expect(outcome.errorText.contains("status 73"), "\(outcome)")
    }

    @Test func aBackendThatFailsIsAWarningWhileAnotherIsWatched() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        mkdir(line.path("plugins"), 0o755)
        // The one in C takes its fault from the name of its file.
        for (source, name) in [("BrokenPlugin", "watch-fails"), ("BrokenPlugin", "computes")] {
            try await line.tool(
                "cp", "\(BuildFolder.path)/lib\(source).so", line.path("plugins/libkeystore-\(name).so"))
        }
        let watch = ["tokens", "--watch", "--plugin-path", line.path("plugins")]
        let alone = try await line.run(watch + ["--json"])
        #expect(alone.status == 69, "\(alone)")
        #expect(alone.jsonCode == "backendFailure")
        #expect(alone.errorText.contains("note: the backend 'computes' does not tell when tokens come and go"))

        try await line.tool(
            "cp", "\(BuildFolder.path)/libkeystore-pkcs11.so", line.path("plugins/libkeystore-pkcs11.so"))
        let child = try line.program(watch).start()
        try child.waitForErrorOutput("warning: The backend 'watch-fails' is not watched any more: nobody can be asked")
        try child.waitForLine(containing: "inserted\tpkcs11:token=demo;")
        child.signal(SIGINT)
        #expect(try child.waitForEnd().status == 130)
    }

    @Test func aBackendThatCannotWatchIsANoteAndNoneThatCanIsAnError() async throws {
        let line = try CommandLine()
        let outcome = try await line.run(["tokens", "--watch", "--backend", "file", "--json"])
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.jsonCode == "unsupportedOperation")
        #expect(outcome.errorText.contains("note: the backend 'file'"))
    }
}
