import ChildProcess
import Foundation
import Testing

/// What the commands make of a token that locks, vanishes, is exchanged or hangs. The module does so on command; each run of
/// the program begins with what its script says.
struct MisbehavingTokenTests {
    /// Surroundings with a module that runs the script.
    private struct Mock {
        let line: CommandLine
        let environment: [String: String]
        let module: [String]

        init(_ script: String = "") throws {
            line = try CommandLine()
            environment = ["MOCK_PKCS11_SCRIPT": line.path("script"), "MOCK_PKCS11_LOG": line.path("log")]
            module = ["--module", "\(BuildFolder.path)/libMockPKCS11.so"]
            line.write("script", "reset\npin \(CommandLine.pin)\nso-pin \(CommandLine.securityOfficerPIN)\n\(script)\n")
        }

        /// Has the running program's module run another script at its next call.
        func command(_ script: String) throws {
            line.write("next", "\(script)\n")
            try #require(rename(line.path("next"), line.path("script")) == 0)
        }

        func run(_ arguments: [String]) async throws -> ProgramOutcome {
            try await line.run(arguments + module, environment: environment)
        }

        func start(_ arguments: [String], onTerminal: Bool = false) throws -> RunningProgram {
            try line.program(arguments + module, environment: environment).start(onTerminal: onTerminal)
        }

        /// The calls of a function that the module logged, with what each returned.
        func calls(of function: String) throws -> [String] {
            let log = String(decoding: try line.read("log"), as: UTF8.self).split(separator: "\n").map(String.init)
            // A script that did not work is one too.
            #expect(!log.contains { $0.hasPrefix("violation") }, "\(log)")
            return log.filter { $0.hasPrefix("\(function) ") }
        }
    }

    @Test func tokensThatGoAndComeArePrintedWhileTheCommandRuns() throws {
        let mock = try Mock()
        let child = try mock.start(["tokens", "--watch", "pkcs11:token=mock"])
        try child.waitForLine(containing: "inserted\tpkcs11:token=mock;")
        try mock.command("vanish")
        let removed = try child.waitForLine(containing: "removed\tpkcs11:token=mock;")
        #expect(removed.contains("serial=0000000000000001"))
        // Another token in the same slot is another token.
        try mock.command("serial 0000000000000002\nappear")
        let inserted = try child.waitForLine(containing: "serial=0000000000000002")
        #expect(inserted.hasPrefix("inserted\t"))
        child.signal(SIGINT)
        #expect(try child.waitForEnd().status == 130)
    }

    @Test func aLockedPINIsSaidSoAndUnblockingSendsEachPINOnce() async throws {
        let mock = try Mock("tries 3 0")
        let pins = ["--so-pin-source", mock.line.path("so-pin"), "--new-pin-source", mock.line.path("new-pin")]
        let sign = try await mock.run([
            "sign", "pkcs11:token=mock", "--in", mock.line.path("message"), "--pin-source", mock.line.path("pin"),
            "--json",
        ])
        #expect(sign.status == 77 && sign.jsonCode == "pinLocked", "\(sign)")
        #expect((sign.jsonError?["hint"] as? String)?.contains("token unblock") == true)
        #expect(try mock.calls(of: "C_Login").isEmpty)

        let unblocked = try await mock.run(["token", "unblock", "pkcs11:token=mock"] + pins)
        #expect(unblocked.status == 0, "\(unblocked)")
        #expect(try mock.calls(of: "C_Login").count == 1)
        #expect(try mock.calls(of: "C_InitPIN").map { $0.contains("CKR_OK") } == [true])
    }

    @Test(arguments: [["set-pin"], ["unblock"], ["change-pin", "--so"], ["init", "--label", "a", "--yes"]])
    func aWrongPINOfTheSecurityOfficerIsSentOnce(_ command: [String]) async throws {
        let mock = try Mock()
        var pins = ["--so-pin-source", mock.line.path("pin")]
        if command[0] != "init" { pins += ["--new-pin-source", mock.line.path("new-pin")] }
        let outcome = try await mock.run(["token"] + command + ["pkcs11:token=mock", "--json"] + pins)
        #expect(outcome.status == 77 && outcome.jsonCode == "pinIncorrect", "\(outcome)")
        let sent = try mock.calls(of: "C_Login") + mock.calls(of: "C_InitToken")
        #expect(sent.count == 1 && sent[0].contains("CKR_PIN_INCORRECT"), "\(sent)")
        #expect(try mock.calls(of: "C_InitPIN").isEmpty && mock.calls(of: "C_SetPIN").isEmpty)
    }

    @Test func theLastTryOfTheSecurityOfficerNeedsItsOption() async throws {
        let mock = try Mock("so-tries 3 1")
        let arguments = [
            "token", "set-pin", "pkcs11:token=mock", "--so-pin-source", mock.line.path("so-pin"), "--new-pin-source",
            mock.line.path("new-pin"), "--json",
        ]
        let refused = try await mock.run(arguments)
        #expect(refused.status == 77 && refused.jsonCode == "pinLastTry", "\(refused)")
        #expect(try mock.calls(of: "C_Login").isEmpty)
        #expect(try await mock.run(arguments + ["--allow-last-try"]).status == 0)
    }

    @Test func aTokenThatAsksItselfIsWaitedForAndNobodyElseIsAsked() async throws {
        let mock = try Mock("pin-pad on CKR_OK")
        let outcome = try await mock.run(["token", "set-pin", "pkcs11:token=mock", "--non-interactive"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errorText.contains("enter the PIN on the device: "))
    }

    @Test func aTokenThatIsExchangedDuringTheQuestionIsNotDestroyed() async throws {
        let mock = try Mock()
        let child = try mock.start(["token", "init", "pkcs11:token=mock", "--label", "a"], onTerminal: true)
        try child.waitForOutput("Initialise the token 'mock'")
        try mock.command("serial 0000000000000002")
        child.send("yes\n")
        let outcome = try child.waitForEnd()
        #expect(outcome.status == 66, "\(outcome)")
        #expect(outcome.outputText.contains("another token is there"))
        #expect(try mock.calls(of: "C_InitToken").isEmpty)
    }

    @Test func argumentsReachTheModuleThatIsNamed() async throws {
        let arguments = ["tokens", "pkcs11:token=mock", "--json"]
        // This one takes none, and says so when it is given some.
        let refused = try await Mock().run(arguments + ["--module-args", "configDir=none"])
        #expect(refused.status == 69, "\(refused)")
        #expect((refused.jsonError?["native"] as? [String: Any])?["name"] as? String == "CKR_ARGUMENTS_BAD")
        let taken = try await Mock("reserved on").run(arguments + ["--module-args", "configDir=none"])
        #expect(taken.status == 0, "\(taken)")
    }

    @Test func theTraceOfACallThatHangsEndsWithThatCall() async throws {
        let mock = try Mock("on C_Login 1 hang")
        let outcome = try await mock.run([
            "sign", "pkcs11:token=mock", "--in", mock.line.path("message"), "--pin-source", mock.line.path("pin"),
            "--timeout", "3", "--trace", mock.line.path("trace"),
        ])
        #expect(outcome.status == 124, "\(outcome)")
        let trace = String(decoding: try mock.line.read("trace"), as: UTF8.self)
        #expect(trace.hasSuffix("\n"))
        let last = try #require(trace.split(separator: "\n").last { $0.contains("C_Login") })
        #expect(last.contains("C_Login(") && !last.contains("CKR_"), "\(last)")
        #expect(!trace.contains(CommandLine.pin))
    }
}
