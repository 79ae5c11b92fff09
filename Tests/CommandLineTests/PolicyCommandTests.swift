import ChildProcess
import Foundation
import Testing

/// Policies, moving, and the administration of PUKs and management keys, with a token in the memory of each command: it has
/// the secrets that everybody knows, and one key.
struct PolicyCommandTests {
    private static let managementKey = String(repeating: "0102030405060708", count: 3)
    private let line: CommandLine
    private let plugins: [String]

    init() throws {
        line = try CommandLine()
        mkdir(line.path("plugins"), 0o755)
        for (name, file) in [("memory", "libMemoryPlugin.so"), ("sample", "libSamplePlugin.so")] {
            try FileManager.default.copyItem(
                atPath: "\(BuildFolder.path)/\(file)", toPath: line.path("plugins/libkeystore-\(name).so"))
        }
        plugins = ["--plugin-path", line.path("plugins")]
        for (name, secret) in [
            ("known-pin", "123456"), ("known-puk", "12345678"), ("known-key", Self.managementKey),
            ("other-puk", "87654321"), ("other-key", String(repeating: "ab", count: 32)),
        ] {
            line.write(name, secret + "\n", mode: 0o600)
        }
    }

    private func secrets(_ names: KeyValuePairs<String, String>) -> [String] {
        names.flatMap { ["--\($0.key)-source", line.path($0.value)] } + ["--non-interactive"]
    }

    @Test func aKeyIsMadeWithPoliciesAndSaysSo() async throws {
        let items = try await line.items(
            "generate",
            ["generate", "memory:furnished;object=new", "--pin-policy", "always", "--touch-policy", "cached"]
                + secrets(["pin": "known-pin"]) + plugins)
        #expect(items.first?["protection"] as? [String] == ["login", "pinAlways", "touch"])
        #expect(
            items.first?["properties"] as? [String: String]
                == ["origin": "generated", "pin-policy": "always", "touch-policy": "cached"])
    }

    @Test func aKeyIsReplacedWhereThatIsSaidAndOnlyThere() async throws {
        let generate = ["generate", "memory:furnished;object=made"] + secrets(["pin": "known-pin"]) + plugins
        #expect(try await line.run(generate).status == 68)
        try await line.output(generate + ["--replace"])
        try await line.tool(
            "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "key.pem")
        let importing = [
            "import", "memory:furnished;object=made", "--in", line.path("key.pem"), "--touch-policy", "always",
        ]
        #expect(try await line.run(importing + secrets(["pin": "known-pin"]) + plugins).status == 68)
        let items = try await line.items(
            "import", importing + ["--replace"] + secrets(["pin": "known-pin"]) + plugins)
        #expect(items.first?["protection"] as? [String] == ["login", "touch"])
    }

    @Test(arguments: [["--pin-policy", "never"], ["--touch-policy", "always"], ["--replace"]])
    func whatABackendDoesNotKnowIsRefusedByNameAndNoKeyIsMade(_ option: [String]) async throws {
        try await line.output(["generate", line.file("other.pem"), "--no-passphrase"])
        for command in [["generate"], ["import", "--in", line.path("other.pem")]] {
            let outcome = try await line.run(
                [command[0], line.file("key.pem"), "--no-passphrase", "--json"] + command.dropFirst() + option)
            #expect(outcome.status == 69)
            #expect(outcome.jsonCode == "unsupportedOperation")
            #expect((outcome.jsonError?["message"] as? String)?.contains(option[0]) == true, "\(outcome)")
            #expect(!line.exists("key.pem"))
        }
        let asked = ["generate", line.file("key.pem"), "--no-passphrase", "--pin-policy", "default"]
        #expect(try await line.run(asked + ["--touch-policy", "default"]).status == 0)
    }

    @Test func aKeyIsMovedAndPrintsItsNewReference() async throws {
        let move = ["move", "memory:furnished;object=made", "memory:furnished;object=there;id=%02"]
        let moved = try await line.output(move + secrets(["pin": "known-pin"]) + plugins)
        #expect(moved == "memory:furnished;id=%02;object=there")
        let nowhere = ["move", "memory:furnished;object=nobody", "memory:furnished;object=there"]
        #expect(try await line.run(nowhere + secrets(["pin": "known-pin"]) + plugins).status == 66)
        #expect(try await line.run(["move", line.file("a.pem"), line.file("b.pem")]).status == 69)
        #expect(
            try await line.run(["move", "memory:furnished;object=made", "memory:furnished;x=1"] + plugins).status == 64)
    }

    @Test func secretsThatEverybodyKnowsAreReported() async throws {
        let listed = try await line.output(["tokens", "memory:furnished"] + plugins)
        #expect(
            listed.hasSuffix(
                "\tPIN set, 3 tries left, the default PIN, the default PUK, the default management key"), "\(listed)")
        let items = try await line.items("tokens", ["tokens", "memory:furnished"] + plugins)
        #expect(
            (items.first?["flags"] as? [String])?.suffix(3) == ["pinDefault", "pukDefault", "managementKeyDefault"])
        let keys = try await line.output(
            ["list", "memory:furnished", "--verbose"] + secrets(["pin": "known-pin"]) + plugins)
        #expect(keys.hasSuffix("\n  origin: generated"))
    }

    @Test func aPUKIsChangedOrUnblocksAndAWrongOneCostsATry() async throws {
        let change = ["token", "change-puk", "memory:furnished"] + plugins
        try await line.output(change + secrets(["puk": "known-puk", "new-puk": "other-puk"]))
        let unblock = ["token", "unblock", "memory:furnished", "--json"] + plugins
        #expect(try await line.run(unblock + secrets(["puk": "known-puk", "new-pin": "new-pin"])).status == 0)
        let wrong = try await line.run(unblock + secrets(["puk": "other-puk", "new-pin": "new-pin"]))
        #expect(wrong.status == 77 && wrong.jsonCode == "pinIncorrect")
        #expect((wrong.jsonError?["message"] as? String)?.contains("2 tries left") == true)
        let missing = try await line.run(unblock + secrets(["new-pin": "new-pin"]))
        #expect(missing.status == 77 && missing.jsonCode == "pinRequired")
        #expect((missing.jsonError?["message"] as? String)?.contains("a PUK") == true)
    }

    @Test func aManagementKeyIsChangedToOneOfTheCiphersLength() async throws {
        let change = ["token", "change-management-key", "memory:furnished"] + plugins
        let keys = secrets(["management-key": "known-key", "new-management-key": "other-key"])
        try await line.output(change + keys + ["--algorithm", "AES256"])
        #expect(try await line.run(change + keys + ["--algorithm", "AES128"]).status == 65)
        let wrong = secrets(["management-key": "other-key", "new-management-key": "other-key"])
        #expect(try await line.run(change + wrong + ["--algorithm", "AES256"]).status == 77)
    }

    @Test func triesAreSetAndATokenIsReset() async throws {
        try await line.output(
            ["token", "set-retries", "memory:furnished", "--pin", "5", "--puk", "4"]
                + secrets(["management-key": "known-key", "pin": "known-pin"]) + plugins)
        let asked = try await line.run(["token", "reset", "memory:furnished", "--non-interactive"] + plugins)
        #expect(asked.status == 64 && asked.errorText.contains("--yes"))
        #expect(try await line.output(["token", "reset", "memory:furnished", "--yes"] + plugins) == "memory:furnished")
        for command in [
            ["reset", "--yes"], ["set-retries", "--pin", "3", "--puk", "3"], ["change-management-key"], ["change-puk"],
        ] {
            try await line.makeToken("token-\(command[0])")
            let outcome = try await line.run(
                ["token", command[0], "pkcs11:token=token-\(command[0])", "--non-interactive", "--json"]
                    + command.dropFirst())
            #expect(outcome.status == 69 && outcome.jsonCode == "unsupportedOperation", "\(outcome)")
        }
    }

    @Test func aReferenceOfAnotherSchemeOpensTheBackendThatIsAskedFor() async throws {
        for arguments in [
            ["pkcs11:token=a;object=b?backend=sample"], ["pkcs11:token=a;object=b", "--backend", "sample"],
        ] {
            let read = try await line.output(["uri"] + arguments + plugins)
            #expect(read.hasPrefix("sample:token=a;object=b\n"))
            let made = try await line.output(["generate"] + arguments + plugins)
            #expect(made.hasPrefix("sample:token=a;id=%") && made.hasSuffix(";object=b"))
            #expect(try await line.output(["tokens", "--only-uris"] + arguments + plugins) == "sample:token=a")
        }
    }
}
