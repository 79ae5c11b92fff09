import ChildProcess
import Foundation
import Testing

/// Where PINs and passphrases come from, and where they never go.
struct SecretTests {
    enum Source: CaseIterable {
        case file, fileURI, descriptor, environment
    }

    /// The options, descriptors and environment that give a secret by this source.
    private func give(
        _ secret: String, named name: String, by source: Source, _ line: CommandLine
    ) -> (options: [String], descriptors: [Int32: String], environment: [String: String]) {
        switch source {
        case .file:
            line.write("given", secret + "\n", mode: 0o600)
            return (["--\(name)-source", line.path("given")], [:], [:])
        case .fileURI:
            line.write("given here", secret, mode: 0o600)
            return (["--\(name)-source", "file://\(line.folder)/given%20here"], [:], [:])
        case .descriptor: return (["--\(name)-fd", "7"], [7: secret + "\n"], [:])
        case .environment: return (["--\(name)-env", "MY_SECRET"], [:], ["MY_SECRET": secret])
        }
    }

    @Test(arguments: Source.allCases)
    func aPINComesFromEverySource(_ source: Source) async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let given = give(CommandLine.pin, named: "pin", by: source, line)
        let outcome = try await line.run(
            ["generate", "pkcs11:token=demo;object=ziggy"] + given.options, descriptors: given.descriptors,
            environment: given.environment)
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test(arguments: Source.allCases)
    func aPassphraseComesFromEverySource(_ source: Source) async throws {
        let line = try CommandLine()
        let given = give(CommandLine.passphrase, named: "passphrase", by: source, line)
        for arguments in [
            ["generate", line.file("key.pem")],
            ["sign", line.file("key.pem"), "--in", line.path("message"), "--out", line.path("signature")],
        ] {
            let outcome = try await line.run(
                arguments + given.options, descriptors: given.descriptors, environment: given.environment)
            #expect(outcome.status == 0, "\(outcome)")
        }
        #expect(try String(decoding: line.read("key.pem"), as: UTF8.self).contains("ENCRYPTED"))
    }

    @Test(arguments: TestedStore.allCases)
    func withoutATerminalAndASourceASecretIsRequired(_ store: TestedStore) async throws {
        let (line, key, make, _) = try await store.prepare()
        try await line.output(["generate", key] + make)
        for extra in [[], ["--non-interactive"]] {
            let outcome = try await line.run(["sign", key, "--in", line.path("message"), "--json"] + extra)
            if store == .plainFile {
                #expect(outcome.status == 0)
            } else {
                #expect(outcome.status == 77)
                #expect(outcome.jsonCode == "pinRequired")
            }
        }
        let made = try await line.run(["generate", line.file("new.pem"), "--json"])
        #expect(made.status == 77)
        #expect(!line.exists("new.pem"))
    }

    @Test(arguments: [TestedStore.encryptedFile, .token])
    func aWrongSecretIsRefusedWithStatus77(_ store: TestedStore) async throws {
        let (line, key, make, _) = try await store.prepare()
        try await line.output(["generate", key] + make)
        let name = store == .token ? "pin" : "passphrase"
        line.write("wrong", "wrong-99182\n", mode: 0o600)
        let outcome = try await line.run([
            "sign", key, "--in", line.path("message"), "--\(name)-source", line.path("wrong"), "--json",
        ])
        #expect(outcome.status == 77, "\(outcome)")
        #expect(outcome.jsonCode == "pinIncorrect")
        #expect(!outcome.errorText.contains("wrong-99182"))
    }

    @Test func aWrongPINIsSentOnce() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        line.write("wrong", "wrong-99182\n", mode: 0o600)
        // Every call of the module is written down.
        let outcome = try await line.run(
            [
                "sign", "pkcs11:token=demo;object=ziggy?module-path=/usr/lib/x86_64-linux-gnu/pkcs11/pkcs11-spy.so",
                "--in",
                line.path("message"), "--pin-source", line.path("wrong"),
            ],
            environment: [
                "PKCS11SPY": "/usr/lib/softhsm/libsofthsm2.so", "PKCS11SPY_OUTPUT": line.path("spy"),
            ])
        #expect(outcome.status == 77, "\(outcome)")
        let calls = try String(decoding: line.read("spy"), as: UTF8.self)
        #expect(calls.components(separatedBy: ": C_Login\n").count - 1 == 1)
    }

    @Test func aSecretFileThatOthersCanReadIsRefused() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        chmod(line.path("pin"), 0o640)
        let arguments = ["generate", "pkcs11:token=demo;object=ziggy", "--json", "--pin-source"]
        let outcome = try await line.run(arguments + [line.path("pin")])
        #expect(outcome.status == 77)
        #expect(outcome.jsonCode == "policyRefused")
        #expect((outcome.jsonError?["message"] as? String)?.contains(line.path("pin")) == true)
        let folder = try await line.run(arguments + [line.folder])
        #expect(folder.jsonCode == "policyRefused")
    }

    @Test func aSourceThatHoldsNothingIsAMissingPIN() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        line.write("empty", "\n", mode: 0o600)
        for options in [
            ["--pin-source", line.path("empty")], ["--pin-source", line.path("none")], ["--pin-env", "NOT_SET"],
            ["--pin-fd", "99"],
        ] {
            let outcome = try await line.run(["generate", "pkcs11:token=demo;object=ziggy", "--json"] + options)
            #expect(outcome.status == 77, "\(options) \(outcome)")
            #expect(outcome.jsonCode == "pinRequired")
        }
    }

    @Test func aPINInAReferenceWorksIsWarnedAboutAndNeverShown() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let reference = "pkcs11:token=demo;object=ziggy?pin-value=\(CommandLine.pin)"
        let made = try await line.run(["generate", reference, "--verbose"])
        #expect(made.status == 0, "\(made)")
        #expect(made.errorText.contains("warning: "))
        for arguments in [
            ["sign", reference, "--in", line.path("message"), "--json"], ["list", reference, "--verbose"],
            ["uri", reference],
            ["uri", reference, "--json"], ["public", reference, "--json"], ["tokens", reference, "--json"],
            ["csr", reference, "--subject", "CN=a", "--verbose"],
        ] {
            #expect(try await line.run(arguments).status == 0, "\(arguments)")
        }
        // Errors quote the command line and the reference; `run` looks for the PIN in both.
        #expect(try await line.run(["sign", reference, reference, "--in", line.path("message")]).status == 64)
        #expect(try await line.run(["sign", "--in", line.path("message"), "--\(reference)"]).status == 64)
        #expect(try await line.run(["public", reference.replacing("ziggy", with: "none"), "--json"]).status == 66)
        #expect(try await line.run(["public", "pkcs11:tokn=a?pin-value=\(CommandLine.pin)", "--json"]).status == 64)
        #expect(try await line.run(["public", "token=a?pin-value=\(CommandLine.pin)"]).status == 64)
    }

    @Test func aPINGivenToAnOptionThatDoesNotExistIsNotRepeated() async throws {
        let line = try CommandLine()
        for option in ["--pin", "--passphrase", "--user-pin", "--so-pin", "--new-pin"] {
            let outcome = try await line.run(["sign", "file:a", "--in", line.path("message"), option, CommandLine.pin])
            #expect(outcome.status == 64)
            #expect(outcome.errorText.contains(option))
        }
        #expect(try await line.run(["sign", "file:a", "--in", "m", "--pin=\(CommandLine.pin)"]).status == 64)
    }

    @Test func anOptionBehindOneThatWantsNoPassphraseIsNoSecret() async throws {
        let line = try CommandLine()
        let outcome = try await line.run(["enroll", "--batch", "m.csv", "--no-passphrase", "--jobs", "0"])
        #expect(outcome.status == 64)
        #expect(outcome.errorText.contains("'--jobs' is 1 to 256"), "\(outcome)")
    }

    @Test func aListingWithoutAPINSaysWhatItLeavesOut() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        try await line.output(["generate", "pkcs11:token=demo;object=ziggy", "--pin-source", line.path("pin")])
        let without = try await line.run(["list", "pkcs11:token=demo"])
        #expect(without.status == 0)
        #expect(without.errorText.contains("without a PIN only what is public on 'demo' is listed"))
        #expect(try await line.run(["list"]).errorText.contains("without a PIN"))
        let with = try await line.run(["list", "pkcs11:token=demo", "--pin-source", line.path("pin")])
        #expect(!with.errorText.contains("without a PIN"))
        let brought = try await line.run(["list", "pkcs11:token=demo?pin-source=file:\(line.path("pin"))"])
        #expect(brought.status == 0, "\(brought)")
        #expect(!brought.errorText.contains("without a PIN"))
        #expect(brought.output == with.output)
    }
}
