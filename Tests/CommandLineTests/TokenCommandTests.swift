import ChildProcess
import Foundation
import Testing

/// Tokens made ready and looked after, with pkcs11-tool as the judge of every PIN.
struct TokenCommandTests {
    private static let module = "/usr/lib/softhsm/libsofthsm2.so"

    /// Whether pkcs11-tool can log in to the token.
    private func accepts(
        _ pin: String, as user: String = "user", on label: String = "demo", _ line: CommandLine
    ) async throws -> Bool {
        var tool = try Program.system(
            "pkcs11-tool",
            ["--module", Self.module, "--token-label", label, "--login", "--session-rw", "--login-type", user]
                + [user == "so" ? "--so-pin" : "--pin", pin, "--list-objects"])
        tool.environment["SOFTHSM2_CONF"] = line.path("softhsm2.conf")
        let outcome = try await tool.run()
        #expect(outcome.status == 0 || outcome.errorText.contains("CKR_PIN_INCORRECT"), "\(outcome)")
        return outcome.status == 0
    }

    /// The reference of SoftHSM's slot with a new token.
    private func newToken(_ line: CommandLine) async throws -> String {
        let tokens = try await line.items("tokens", ["tokens", "--all", "pkcs11:model=SoftHSM%20v2"])
        let new = tokens.first { $0["pinState"] as? String == "not initialised" }
        return try #require(new?["uri"] as? String)
    }

    @Test func aNewTokenIsMadeReadyAndUsedWithoutAnotherTool() async throws {
        let line = try CommandLine()
        let token = try await line.output([
            "token", "init", try await newToken(line), "--label", "edge", "--yes", "--so-pin-source",
            line.path("so-pin"),
        ])
        #expect(token.hasPrefix("pkcs11:token=edge;"))
        #expect(try await line.output(["tokens", token]).hasSuffix("\tPIN not set"))
        #expect(try await accepts(CommandLine.securityOfficerPIN, as: "so", on: "edge", line))

        let set = try await line.items(
            "token",
            ["token", "set-pin", token, "--so-pin-source", line.path("so-pin"), "--new-pin-source", line.path("pin")])
        #expect(Set(set[0].keys) == ["uri"])
        #expect(try await accepts(CommandLine.pin, on: "edge", line))
        let key = try await line.output(["generate", "\(token);object=ziggy", "--pin-source", line.path("pin")])
        try await line.output([
            "sign", key, "--in", line.path("message"), "--out", line.path("signature"), "--pin-source",
            line.path("pin"),
        ])
    }

    @Test func theQuestionsAboutANewTokenNameItsSlot() async throws {
        let line = try CommandLine()
        let child = try line.program(["token", "init", try await newToken(line), "--label", "edge"])
            .start(onTerminal: true)
        let question = try child.waitForOutput("Initialise the token")
        #expect(question.contains("SoftHSM slot ID") && !question.contains("destroyed"))
        child.send("y\n")
        let prompt = try child.waitForOutput("New security officer's PIN for SoftHSM slot ID")
        #expect(prompt.contains("SoftHSM slot ID"))
        child.send("\(CommandLine.securityOfficerPIN)\n")
        try child.waitForOutput("Again")
        child.send("\(CommandLine.securityOfficerPIN)\n")
        #expect(try child.waitForEnd().status == 0)
        #expect(try await accepts(CommandLine.securityOfficerPIN, as: "so", on: "edge", line))
    }

    @Test func whatIsKnownOfTokenAndModuleFollowsWhereItIsAskedFor() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let plain = try await line.output(["tokens", "pkcs11:token=demo"])
        let lines = try await line.output(["tokens", "pkcs11:token=demo", "--verbose"]).split(separator: "\n")
        #expect(lines.first.map(String.init) == plain)
        #expect(lines.count > 3)
        for property in lines.dropFirst() { #expect(property.contains(#/^  [a-z]+: ./#), "\(property)") }
        for name in ["module", "library", "quirks", "mechanisms"] {
            #expect(lines.contains { $0.hasPrefix("  \(name): ") }, "no \(name)")
        }
        let uris = try await line.output(["tokens", "pkcs11:token=demo", "--verbose", "--only-uris"])
        #expect(uris == plain.split(separator: "\t")[0])
    }

    @Test func initialisingAgainNeedsTheRightPINAndDestroysWhatIsThere() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let key = try await line.output([
            "generate", "pkcs11:token=demo;object=ziggy", "--pin-source", line.path("pin"),
        ])
        let initialise = ["token", "init", "pkcs11:token=demo", "--label", "other", "--yes", "--so-pin-source"]
        let wrong = try await line.run(initialise + [line.path("new-pin"), "--json"])
        #expect(wrong.status == 77, "\(wrong)")
        #expect(wrong.jsonCode == "pinIncorrect")
        try await line.output(["public", key])

        let items = try await line.items("token", initialise + [line.path("so-pin")])
        #expect(items[0]["label"] as? String == "other")
        #expect(items[0]["pinState"] as? String == "PIN not set")
        #expect(try await line.run(["public", key]).status == 66)
        #expect(try await line.output(["list", "pkcs11:token=other"]) == "")
    }

    @Test func initialisingAsksAndNamesTheToken() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        func initialise(_ answer: String) throws -> RunningProgram {
            let child = try line.program(["token", "init", "pkcs11:token=demo", "--label", "other"])
                .start(onTerminal: true)
            let question = try child.waitForOutput("Initialise the token 'demo'")
            #expect(question.contains("SoftHSM v2") && question.contains("serial="))
            #expect(question.contains("Every key on it is destroyed"))
            child.send("\(answer)\n")
            return child
        }
        #expect(try initialise("no").waitForEnd().status == 130)
        try await line.output(["tokens", "pkcs11:token=demo"])
        let child = try initialise("yes")
        try child.waitForOutput("Security officer's PIN for demo")
        child.send("\(CommandLine.securityOfficerPIN)\n")
        let outcome = try child.waitForEnd()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(!outcome.outputText.contains(CommandLine.securityOfficerPIN))
        try await line.output(["tokens", "pkcs11:token=other"])
    }

    @Test func withoutATerminalInitialisingNeedsYesAndDestroysNothing() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let outcome = try await line.run(
            ["token", "init", "pkcs11:token=demo", "--label", "other", "--so-pin-source", line.path("so-pin")],
            input: "y\n")
        #expect(outcome.status == 64)
        #expect(outcome.errorText.contains("--yes"))
        try await line.output(["tokens", "pkcs11:token=demo"])
    }

    @Test func aPINIsChangedGivenTheOldOne() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let change = ["token", "change-pin", "pkcs11:token=demo", "--new-pin-source", line.path("new-pin")]
        let wrong = try await line.run(change + ["--pin-source", line.path("so-pin"), "--json"])
        #expect(wrong.jsonCode == "pinIncorrect", "\(wrong)")
        #expect(try await accepts(CommandLine.pin, line))
        let changed = try await line.run(change + ["--pin-source", line.path("pin"), "--verbose"])
        #expect(changed.status == 0 && changed.output.isEmpty, "\(changed)")
        #expect(changed.errorText.contains("changed the user PIN of pkcs11:token=demo"))
        #expect(try await accepts(CommandLine.newPIN, line))
        #expect(try await !accepts(CommandLine.pin, line))
    }

    @Test func theSecurityOfficersPINIsChangedByItsOwnOption() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        try await line.output([
            "token", "change-pin", "--so", "pkcs11:token=demo", "--so-pin-source", line.path("so-pin"),
            "--new-pin-source", line.path("new-pin"),
        ])
        #expect(try await accepts(CommandLine.newPIN, as: "so", line))
        #expect(try await accepts(CommandLine.pin, line))
    }

    @Test(arguments: ["set-pin", "unblock"])
    func theSecurityOfficerSetsAnotherPINAndTheKeysStay(_ command: String) async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let key = try await line.output([
            "generate", "pkcs11:token=demo;object=ziggy", "--pin-source", line.path("pin"),
        ])
        // Every way in which the two PINs can come.
        let outcome = try await line.run(
            ["token", command, "pkcs11:token=demo", "--so-pin-fd", "5", "--new-pin-env", "NEW_PIN"],
            descriptors: [5: CommandLine.securityOfficerPIN], environment: ["NEW_PIN": CommandLine.newPIN])
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome)")
        #expect(try await accepts(CommandLine.newPIN, line))
        try await line.output([
            "sign", key, "--in", line.path("message"), "--out", line.path("signature"), "--pin-source",
            line.path("new-pin"),
        ])
    }

    @Test func aNewPINIsAskedForTwiceAndMustBeTheSame() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        func change(_ second: String) throws -> ProgramOutcome {
            let child = try line.program(["token", "change-pin", "pkcs11:token=demo"]).start(onTerminal: true)
            try child.waitForOutput("PIN for demo")
            child.send("\(CommandLine.pin)\n")
            try child.waitForOutput("New PIN for demo")
            child.send("\(CommandLine.newPIN)\n")
            try child.waitForOutput("Again")
            child.send("\(second)\n")
            return try child.waitForEnd()
        }
        #expect(try change("other").status == 130)
        #expect(try await accepts(CommandLine.pin, line))
        let changed = try change(CommandLine.newPIN)
        #expect(changed.status == 0, "\(changed)")
        #expect(try await accepts(CommandLine.newPIN, line))
    }

    @Test(arguments: [
        ["init", "--label", "a", "--yes"], ["set-pin"], ["change-pin"], ["change-pin", "--so"], ["unblock"],
    ])
    func aTokenThatIsNotThereOrNotTheOnlyOneGetsNoPIN(_ command: [String]) async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let none = try await line.run(["token"] + command + ["pkcs11:token=none", "--json", "--non-interactive"])
        #expect(none.status == 66, "\(none)")
        try await line.makeToken()
        // Without a source for a PIN: one that was asked for would be 'pinRequired'.
        let two = try await line.run(["token"] + command + ["pkcs11:token=demo", "--json", "--non-interactive"])
        #expect(two.status == 67, "\(two)")
        #expect(two.jsonCode == "ambiguousToken")
        #expect((two.jsonError?["message"] as? String)?.components(separatedBy: "serial=").count == 3, "\(two)")
    }

    @Test func twoTokensAreAmbiguousBeforeAnybodyIsAsked() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let none = try await line.run(["token", "init", "pkcs11:token=none", "--label", "a"])
        #expect(none.status == 66, "\(none)")
        try await line.makeToken()
        let two = try await line.run(["token", "init", "pkcs11:token=demo", "--label", "a"])
        #expect(two.status == 67, "\(two)")
        #expect(two.errorText.components(separatedBy: "serial=").count == 3)
    }

    @Test(arguments: [
        (["set-pin"], "the security officer's PIN"), (["change-pin"], "a PIN"),
        (["unblock"], "the security officer's PIN"),
        (["change-pin", "--so"], "the security officer's PIN"),
        (["init", "--label", "a", "--yes"], "the security officer's PIN"),
        (["set-pin", "--so-pin-source", "so-pin"], "a new PIN"), (["change-pin", "--pin-source", "pin"], "a new PIN"),
        (["change-pin", "--so", "--so-pin-source", "so-pin"], "a new PIN of the security officer"),
    ])
    func aPINThatNothingGivesIsNamed(_ command: [String], _ secret: String) async throws {
        let line = try CommandLine()
        try await line.makeToken()
        for extra in [[], ["--non-interactive"]] {
            let outcome = try await line.run(["token"] + command + ["pkcs11:token=demo", "--json"] + extra)
            #expect(outcome.status == 77, "\(outcome)")
            #expect(outcome.jsonCode == "pinRequired")
            #expect(
                (outcome.jsonError?["message"] as? String)?.hasPrefix("demo needs \(secret), ") == true, "\(outcome)")
        }
        #expect(try await accepts(CommandLine.pin, line))
    }

    @Test func aNewPINThatTheTokenDoesNotTakeIsRefusedAndTheOldOneStays() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        line.write("short", "12\n", mode: 0o600)
        let outcome = try await line.run([
            "token", "change-pin", "pkcs11:token=demo", "--pin-source", line.path("pin"), "--new-pin-source",
            line.path("short"), "--json",
        ])
        #expect([65, 77].contains(outcome.status), "\(outcome)")
        #expect(outcome.jsonCode != "pinIncorrect")
        #expect(try await accepts(CommandLine.pin, line))
    }
}
