import ChildProcess
import Foundation
import Testing

/// What happens on a terminal: questions without echo, and nothing that would upset it.
struct TerminalTests {
    @Test func aPINIsAskedForWithoutEcho() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let child = try line.program(["generate", "pkcs11:token=demo;object=ziggy"]).start(onTerminal: true)
        try child.waitForOutput("PIN for demo")
        child.send("\(CommandLine.pin)\n")
        let outcome = try child.waitForEnd()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.contains("pkcs11:token=demo;serial="))
        #expect(!outcome.outputText.contains(CommandLine.pin))
    }

    @Test func aNewPassphraseIsAskedForTwiceAndMustBeTheSame() async throws {
        let line = try CommandLine()
        func generate(_ second: String) throws -> ProgramOutcome {
            let child = try line.program(["generate", line.file("key.pem")]).start(onTerminal: true)
            try child.waitForOutput("New passphrase")
            child.send("\(CommandLine.passphrase)\n")
            try child.waitForOutput("Again")
            child.send("\(second)\n")
            return try child.waitForEnd()
        }
        #expect(try generate("other").status == 130)
        #expect(!line.exists("key.pem"))
        #expect(try generate(CommandLine.passphrase).status == 0)
        try await line.output([
            "public", line.file("key.pem"), "--passphrase-source", line.path("passphrase"),
        ])
    }

    @Test func controlCAtAQuestionEndsWith130() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let child = try line.program(["generate", "pkcs11:token=demo;object=ziggy"]).start(onTerminal: true)
        try child.waitForOutput("PIN for demo")
        child.send("\u{3}")
        #expect(try child.waitForEnd().status == 130)
    }

    @Test func theTimeLimitEndsAQuestionAndGivesTheTerminalItsEchoBack() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let command = "\"$0\" generate 'pkcs11:token=demo;object=ziggy' --timeout 2; echo status $?; stty -a"
        var shell = line.program([])
        shell.path = "/bin/sh"
        shell.arguments = ["-c", command, "\(BuildFolder.path)/ziti-keystore"]
        let child = try shell.start(onTerminal: true)
        try child.waitForOutput("PIN for demo")
        let outcome = try child.waitForEnd()
        #expect(outcome.outputText.contains("status 124"))
        #expect(outcome.outputText.contains(" echo "))
        #expect(outcome.outputText.contains("was not done within"))
    }

    @Test func anInterruptEndsWith130AndSaysSo() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        for json in [[], ["--json"]] {
            // The key was found and the message is awaited from the standard input.
            let child = try line.program(["sign", line.file("key.pem"), "--in", "-", "--verbose"] + json).start()
            try child.waitForErrorOutput("backend: file")
            child.signal(SIGINT)
            let outcome = try child.waitForEnd()
            #expect(outcome.status == 130)
            #expect(json.isEmpty ? outcome.errorText.contains("error: it was interrupted") : outcome.jsonCode == "cancelled")
        }
    }

    @Test func theTimeLimitEndsWhateverIsWaitedForWith124() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let child = try line.program(["sign", line.file("key.pem"), "--in", "-", "--timeout", "0.3", "--json"]).start()
        let outcome = try child.waitForEnd()
        #expect(outcome.status == 124)
        #expect(outcome.jsonCode == "timedOut")
    }

    @Test func aSignatureIsNotWrittenToATerminal() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        for arguments in [
            ["sign", line.file("key.pem"), "--in", line.path("message")], ["public", line.file("key.pem"), "--format", "der"],
        ] {
            let outcome = try line.program(arguments).start(onTerminal: true).waitForEnd()
            #expect(outcome.status == 64)
            #expect(outcome.outputText.contains("is not written to a terminal"))
        }
        let json = try line.program(["sign", line.file("key.pem"), "--in", line.path("message"), "--json"])
            .start(onTerminal: true).waitForEnd()
        #expect(json.status == 0)
    }

    @Test func deletingAsksAndOnlyYesDestroys() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        func delete(_ answer: String) throws -> ProgramOutcome {
            let child = try line.program(["delete", line.file("key.pem")]).start(onTerminal: true)
            try child.waitForOutput("Destroy the key \(line.file("key.pem"))?")
            child.send("\(answer)\n")
            return try child.waitForEnd()
        }
        #expect(try delete("no").status == 130)
        #expect(try delete("").status == 130)
        #expect(line.exists("key.pem"))
        #expect(try delete("y").status == 0)
        #expect(!line.exists("key.pem"))
    }

    @Test func nonInteractiveNeverAsksEvenOnATerminal() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let outcome = try line.program(["generate", "pkcs11:token=demo;object=ziggy", "--non-interactive"])
            .start(onTerminal: true).waitForEnd()
        #expect(outcome.status == 77)
        #expect(!outcome.outputText.contains("PIN for"))
    }
}
