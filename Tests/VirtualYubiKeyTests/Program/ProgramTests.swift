import ChildProcess
import TemporaryFiles
import Testing

@testable import VirtualYubiKey

/// The program, and the lines that work it.
@Suite(.serialized)
struct ProgramTests {
    @Test func itServesAKeyThatClientsSeeAndLinesWork() throws {
        let folder = TemporaryFolder()
        let server = try Program.built(
            "virtual-yubikey",
            [
                "serve", "--firmware", "5.7.1", "--serial", "77", "--state-folder", folder.path("keys"), "--root-out",
                folder.path("root"), "--socket", folder.path("control"),
            ]
        ).start()
        try server.waitForLine(containing: "key 77 with firmware 5.7.1 is plugged in")
        #expect(try folder.read("root").starts(with: "-----BEGIN CERTIFICATE-----".utf8))
        #expect(try folder.mode("control") == 0o600)
        func send(_ words: String...) throws -> ProgramOutcome {
            try Program.built("virtual-yubikey", ["send", "--socket", folder.path("control")] + words).runBlocking()
        }
        func status() throws -> ProgramOutcome {
            try Program.system("yubico-piv-tool", ["-a", "status"]).runBlocking()
        }
        try send("generate", "9a", "p256").succeeded()
        #expect(try status().succeeded().outputText.contains("CN=virtual 9a"))
        #expect(try send("status").succeeded().outputText.contains("serial 77, firmware 5.7.1, plugged in\n"))
        #expect(try send("log").succeeded().outputText.contains("00 FD 00 00 Lc=0 -> 9000 3"))
        try send("unplug").succeeded()
        #expect(try status().status != 0)
        try send("swap", "78").succeeded()
        #expect(try status().succeeded().outputText.contains("Serial Number:\t78\n"))
        let refused = try send("nonsense")
        #expect(refused.status == 1)
        #expect(refused.errorText.contains("not understood: 'nonsense'"))
        #expect(try folder.names().contains("keys"))
        #expect(folder.exists("keys/77.json"))
        try send("quit").succeeded()
        #expect(try server.waitForEnd().status == 0)
        #expect(!folder.exists("control"))
    }

    @Test func itTakesLinesFromItsInput() throws {
        var program = Program.built("virtual-yubikey", ["serve"])
        program.input = Array("status\nbad\n".utf8)
        let outcome = try program.runBlocking()
        #expect(outcome.status == 0)
        #expect(outcome.outputText.contains("PIN tries left 3, PUK tries left 3\nok\n"))
        #expect(outcome.outputText.contains("error: not understood"))
    }

    @Test func outsideOfTheNamespacesItFailsAndSaysWhatToRun() throws {
        var program = Program.built("virtual-yubikey", ["serve"])
        program.environment["KEYSTORE_PCSC_NAMESPACE"] = nil
        let outcome = try program.runBlocking()
        #expect(outcome.status != 0)
        #expect(outcome.errorText.contains("Tests/VirtualYubiKey/in-namespace"))
    }

    @Test(arguments: [[], ["serve", "--firmware", "new"]])
    func argumentsThatAreWrongAreRefused(_ arguments: [String]) throws {
        let outcome = try Program.built("virtual-yubikey", arguments).runBlocking()
        #expect((outcome.outputText + outcome.errorText).contains("serve"))
        #expect(outcome.status == (arguments.isEmpty ? 0 : 64))
    }
}
