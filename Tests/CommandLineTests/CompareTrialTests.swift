import ChildProcess
import Foundation
import Testing

/// What goes wrong on purpose in a comparison: wrong PINs and tokens that are unplugged. The paths are two references to one key
/// of a module that does on command what a token does of itself.
struct CompareTrialTests {
    private let line: CommandLine
    private let environment: [String: String]
    private let arguments: [String]

    init() throws {
        line = try CommandLine()
        environment = ["MOCK_PKCS11_SCRIPT": line.path("script"), "MOCK_PKCS11_LOG": line.path("log")]
        arguments = [
            "compare", "pkcs11:token=mock;object=key", "pkcs11:token=mock;id=%01", "--module",
            "\(BuildFolder.path)/libMockPKCS11.so", "--pin-source", line.path("pin"), "--count", "2",
        ]
    }

    private func script(_ text: String) {
        line.write("script", "reset\npin \(CommandLine.pin)\n\(text)\n")
    }

    /// Has the running program's module run another script at its next call.
    private func command(_ text: String) throws {
        line.write("next", "\(text)\n")
        try #require(rename(line.path("next"), line.path("script")) == 0)
    }

    /// What came of each PIN that was sent.
    private func logins() throws -> [Bool] {
        String(decoding: try line.read("log"), as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("C_Login ") }.map { $0.contains("CKR_OK") }
    }

    @Test func withoutTheOptionNoWrongPINIsSent() async throws {
        script("")
        let outcome = try await line.run(arguments, environment: environment)
        #expect(outcome.status == 0, "\(outcome)")
        let logins = try logins()
        #expect(!logins.isEmpty && logins.allSatisfy { $0 })
    }

    @Test(arguments: ["tries 3 3", "tries 3 2"])
    func oneWrongPINIsSentOnEachPathAndTheRightOneAfterIt(_ tries: String) async throws {
        // Where two are left and one was wrong before, the flag for that is hidden: the token does not tell.
        script(tries == "tries 3 2" ? "\(tries)\nshow-tries off" : tries)
        let outcome = try await line.run(arguments + ["--allow-pin-failure", "--json"], environment: environment)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errorText.contains("warning: One wrong PIN"))
        let logins = try logins()
        #expect(Array(logins.suffix(4)) == [false, true, false, true], "\(logins)")
        #expect(logins.filter { !$0 }.count == 2)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [String: Any]
        let items = try #require(object?["compare"] as? [[String: Any]])
        for item in items {
            let answer = try #require(item["wrongPIN"] as? [String: Any])
            #expect(answer["outcome"] as? String == "failed")
            #expect(answer["code"] as? String == "pinIncorrect")
            #expect((answer["native"] as? String)?.contains("CKR_PIN_INCORRECT") == true)
        }
    }

    @Test(arguments: ["tries 3 2", "tries 3 1", "tries 3 0"])
    func whereFewTriesAreLeftNothingIsSentAtAll(_ tries: String) async throws {
        script(tries)
        let outcome = try await line.run(arguments + ["--allow-pin-failure", "--json"], environment: environment)
        #expect(outcome.status == 77, "\(outcome)")
        #expect(outcome.jsonCode == "policyRefused")
        #expect(try logins().isEmpty)
        #expect(outcome.output.isEmpty)
    }

    @Test func aPersonUnplugsTheTokenAndPlugsItInAgain() async throws {
        script("")
        let child = try line.program(arguments + ["--interactive"], environment: environment).start(onTerminal: true)
        try child.waitForOutput("Unplug the token")
        try command("vanish")
        child.send("\n")
        try child.waitForOutput("Plug it in again")
        try command("appear")
        child.send("\n")
        let outcome = try child.waitForEnd()
        #expect(outcome.status == 0, "\(outcome)")
        let text = outcome.outputText.replacing("\r\n", with: "\n")
        let unplugged = try #require(text.components(separatedBy: "Unplugged:\n").last)
        #expect(unplugged.hasPrefix("  1 pkcs11  tokenRemoved: "), "\(unplugged)")
        #expect(text.contains("Plugged in again:\n  1 pkcs11  signed in "), "\(text)")
    }

    @Test func withoutATerminalNobodyCanUnplugAnything() async throws {
        script("")
        var program = line.program(arguments + ["--interactive", "--json"], environment: environment)
        // A session of its own has no terminal, even where the tests were started from one.
        program.arguments = [program.path] + program.arguments
        program.path = try Program.system("setsid").path
        program.arguments.insert("--wait", at: 0)
        let outcome = try await program.run()
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.errorText.contains("--interactive"))
        #expect(!line.exists("log"))
    }
}
