import ChildProcess
import Testing

/// Command lines that cannot be understood, and help.
struct UsageTests {
    static let commands: [[String]] =
        [
            "enroll", "authenticate", "backends", "tokens", "list", "generate", "public", "delete", "import", "sign",
            "verify",
            "csr", "uri", "decrypt", "derive", "relabel", "move", "compare", "attest", "verify-attestation",
        ].map { [$0] } + [["certificate", "get"], ["certificate", "put"], ["certificate", "delete"]]
        + [["token", "init"], ["token", "set-pin"], ["token", "change-pin"], ["token", "unblock"]]
        + [
            ["token", "change-puk"], ["token", "change-management-key"], ["token", "set-retries"], ["token", "reset"],
        ]

    @Test(arguments: commands)
    func everyCommandHasHelpWithAnExampleOfItself(_ command: [String]) async throws {
        let line = try CommandLine()
        let outcome = try await line.run(command + ["--help"])
        #expect(outcome.status == 0)
        #expect(outcome.outputText.contains("Example"))
        #expect(outcome.outputText.contains("ziti-keystore \(command.joined(separator: " "))"))
    }

    @Test func theHelpOfTheProgramHasEveryExitStatus() async throws {
        let line = try CommandLine()
        let help = try await line.output(["--help"])
        for status in [0, 64, 65, 66, 67, 68, 69, 70, 73, 75, 76, 77, 78, 124, 130] {
            #expect(help.contains("\n  \(status) "), "\(status)")
        }
    }

    @Test(arguments: [
        ["nonsense"], ["sign"], ["sign", "file:a"], ["sign", "file:a", "--in", "m", "--digest", "00"],
        ["sign", "file:a", "--digest", "0"], ["sign", "file:a", "--digest", "xx"],
        ["sign", "file:a", "--in", "m", "--alg", "X"],
        ["generate", "file:a", "--kty", "DSA"], ["generate", "file:a", "--kty", "EC", "--size", "2048"],
        ["generate", "file:a", "--size", "1024"], ["generate", "file:a", "--kty", "RSA", "--crv", "P-256"],
        ["generate", "file:a", "--crv", "P-192"], ["generate", "file:a", "--kty", "OKP", "--crv", "P-256"],
        ["generate", "file:a", "--no-passphrase", "--passphrase-env", "X"],
        ["import", "file:a", "--in", "b", "--no-passphrase", "--new-passphrase-env", "X"],
        ["verify", "file:a", "--in", "-", "--signature", "-"], ["csr", "file:a"],
        ["csr", "file:a", "--subject", "ziggy"],
        ["csr", "file:a", "--subject", "CN="], ["csr", "file:a", "--subject", "XX=a"],
        ["csr", "file:a", "--subject", "C=Germany"],
        ["csr", "file:a", "--subject", "CN=a,"], ["csr", "file:a", "--subject", #"CN=a\x"#],
        ["list", "--pin-env", "X"], ["list", "--login"], ["tokens", "--timeout", "0"], ["tokens", "--timeout", "-1"],
        ["tokens", "--timeout", "x"], ["enroll", "-o", "a.json"], ["enroll", "-k", "file:a"],
        ["enroll", "https://c:1280", "-k", "file:a"], ["enroll", "https://c:1280", "-j", "a.jwt", "-o", "x"],
        ["enroll", "https://c:1280/path", "-o", "x"], ["enroll", "http://c:1280", "-o", "x"],
        ["enroll", "ziti://c:1280", "-o", "x"], ["enroll", "-j", "ziti://c:1280", "-o", "x"],
        ["enroll", "-j", "a.jwt", "--generate"], ["enroll", "-j", "a.jwt", "--fallback", "file:a"],
        ["enroll", "-j", "a.jwt", "--password-fd", "3", "--password-env", "X"],
        ["enroll", "-j", "a.jwt", "--external-jwt-fd", "3", "--external-jwt-source", "x"],
        ["enroll", "-j", "a.jwt", "--external-jwt-fd", "3", "--password-fd", "3"],
        ["enroll", "-j", "-", "--external-jwt-source", "-", "-o", "x"],
        ["enroll", "-", "--external-jwt-source", "-", "-o", "x"],
        ["enroll", "-j", "-", "-k", "file:a"], ["enroll", "-j", "-", "-o", "x", "-k", "file:a", "--rm"],
        ["enroll", "-j", "a.jwt", "-k", "file:a", "--kty", "EC"], ["authenticate"], ["certificate", "nonsense"],
        ["attest"], ["verify-attestation", "b", "--root"], ["verify-attestation", "b"], ["verify-attestation"],
        ["verify-attestation", "b", "--root", "r", "--identity", "i", "--certificate", "c"],
        ["verify-attestation", "b", "--root", "r", "--pin-policy", "never"],
        ["verify-attestation", "b", "--root", "r", "--touch-policy", "once"],
        ["verify-attestation", "b", "--root", "r", "--serial", "-1"],
        ["verify-attestation", "b", "--root", "r", "--min-firmware", "five"],
        ["enroll", "-j", "a.jwt", "-k", "file:a", "--require-attestation"],
        ["enroll", "-j", "a.jwt", "-k", "file:a", "--root", "r"],
        ["enroll", "-j", "a.jwt", "-k", "file:a", "--attest", "--pin-policy", "once"],
        ["enroll", "-j", "a.jwt", "-k", "file:a", "--generate", "--serial", "7"],
        ["sign", "file:a", "--in", "m", "--pin-source", "|cat pin"],
        ["sign", "file:a", "--in", "m", "--pin-source", "ftp:pin"],
        ["sign", "file:a", "--in", "m", "--pin-source", "file://other/pin"],
        ["sign", "file:a", "--in", "m", "--pin-source", "file:%zz"],
        ["sign", "file:a", "--in", "m", "--pin-source", ""],
        ["sign", "file:a", "--in", "m", "--pin-fd", "-1"], ["sign", "file:a", "--in", "m", "--pin-env", ""],
        ["generate", "file:a", "--use", "wrap"], ["generate", "file:a", "--use", "decrypt"],
        ["generate", "file:a", "--use", "derive", "--kty", "RSA"],
        ["generate", "file:a", "--use", "derive", "--crv", "Ed25519"],
        ["generate", "file:a", "--use", "sign", "--crv", "X25519"],
        ["generate", "file:a", "--kty", "EC", "--crv", "X25519"],
        ["generate", "file:a", "--use", "derive", "--use", "sign", "--kty", "OKP", "--crv", "X25519"],
        ["generate", "file:a", "--use", "decrypt", "--crv", "X25519"],
        ["generate", "file:a", "--kty", "OKP", "--crv", "X448"],
        ["enroll", "-j", "a.jwt", "-k", "file:a", "--generate", "--crv", "X25519"],
        ["decrypt", "file:a", "--in", "c"], ["decrypt", "file:a", "--alg", "RSA-OAEP"],
        ["decrypt", "file:a", "--in", "c", "--alg", "RS256"],
        ["decrypt", "file:a", "--in", "-", "--alg", "RSA1_5", "--pin-fd", "0"], ["derive", "file:a"],
        ["derive", "file:a", "--peer", "-", "--passphrase-fd", "0"],
        ["relabel", "file:a"], ["relabel", "file:a", "--label", ""], ["relabel", "file:a", "--id", ""],
        ["relabel", "file:a", "--id", "abc"], ["relabel", "file:a", "--id", "xx"],
        ["tokens", "--watch", "--all"], ["tokens", "--watch", "--only-uris"], ["tokens", "--module-args", "a"],
        ["tokens", "pkcs11:?module-path=/m.so", "--module-args", "a"],
        ["compare"], ["compare", "file:a"], ["compare", "file:a", "--backends", "file"],
        ["compare", "file:a", "file:a"], ["compare", "file:a", "--backends", "file,file"],
        ["compare", "file:a", "--backends", "file,"], ["compare", "file:a", "file:b", "--backends", "file,file,file"],
        ["compare", "file:a", "file:b", "--backends", "file,file", "--backend", "file"],
        ["compare", "file:a", "file:b", "--count", "0"], ["compare", "file:a", "file:b", "--count", "100001"],
        ["compare", "file:a", "file:b", "--count", "-1"], ["compare", "file:a", "file:b", "--count", "many"],
        ["compare", "file:a", "file:b", "--alg", "X"], ["compare", "file:a", "file:b", "--plot", "a.png"],
        ["compare", "file:a", "file:b", "--plot", "a"],
        ["compare", "file:a", "file:b", "--interactive", "--non-interactive"],
        ["compare", "file:a", "file:b", "--pin-fd", "7", "--passphrase-fd", "7"], ["compare", "file:a", "nonsense"],
        ["identity", "nonsense"], ["identity", "show"], ["identity", "renew"], ["identity", "roll", "a.json"],
        ["identity", "renew", "a.json", "--if-due", "30"], ["identity", "renew", "a.json", "--if-due", "-3d"],
        ["identity", "renew", "a.json", "--if-due", "soon"],
        ["identity", "roll", "a.json", "--to", "file:a", "--crv", "P-384"],
        ["identity", "roll", "a.json", "--to", "file:a", "--touch-policy", "always"],
        ["identity", "roll", "a.json", "--to", "file:a", "--pin-fd", "7", "--to-pin-fd", "7"],
        ["identity", "roll", "a.json", "--to", "file:a", "--no-passphrase", "--to-passphrase-env", "X"],
        ["identity", "convert", "a.json", "--to", "swift"],
        ["identity", "convert", "a.json", "--to", "native", "--no-passphrase"],
        ["token", "nonsense"], ["token", "init", "pkcs11:"], ["token", "init", "pkcs11:", "--label", ""],
        ["token", "init", "--label", "a"], ["token", "set-pin"], ["token", "unblock"], ["token", "change-pin"],
        ["token", "change-pin", "pkcs11:", "--so-pin-env", "X"],
        ["token", "change-pin", "pkcs11:", "--so", "--pin-env", "X"],
        ["token", "unblock", "pkcs11:", "--so-pin-env", "X", "--puk-env", "Y"],
        ["token", "unblock", "pkcs11:", "--puk-fd", "7", "--new-pin-fd", "7"], ["token", "change-puk"],
        ["token", "change-puk", "pkcs11:", "--puk-fd", "7", "--new-puk-fd", "7"],
        ["token", "change-puk", "pkcs11:", "--puk-fd", "7", "--puk-env", "X"],
        ["token", "change-management-key", "pkcs11:", "--algorithm", "DES"],
        ["token", "change-management-key", "pkcs11:", "--management-key-fd", "7", "--new-management-key-fd", "7"],
        ["token", "set-retries", "pkcs11:", "--pin", "3"],
        ["token", "set-retries", "pkcs11:", "--pin", "0", "--puk", "3"],
        ["token", "set-retries", "pkcs11:", "--pin", "3", "--puk", "256"], ["token", "reset"],
        ["generate", "file:a", "--pin-policy", "sometimes"], ["generate", "file:a", "--touch-policy", "once"],
        ["generate", "file:a", "--pin-fd", "7", "--management-key-fd", "7"], ["move", "file:a"],
        ["move", "file:a", "file:b", "--pin-fd", "7", "--management-key-fd", "7"],
        ["token", "set-pin", "pkcs11:", "--so-pin-fd", "7", "--new-pin-fd", "7"],
        ["token", "change-pin", "pkcs11:", "--pin-fd", "7", "--new-pin-fd", "7"],
        ["import", "file:a", "--in", "-", "--passphrase-fd", "0"], ["sign", "file:a", "--in", "-", "--pin-fd", "0"],
        ["certificate", "put", "file:a", "--in", "-", "--pin-fd", "0"],
        ["import", "file:a", "--in", "b", "--passphrase-fd", "7", "--new-passphrase-fd", "7"],
    ])
    func aCommandLineThatCannotBeUnderstoodEndsWith64AndDoesNothing(_ arguments: [String]) async throws {
        let line = try CommandLine()
        let outcome = try await line.run(arguments)
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.errorText.hasPrefix("error: "))
        #expect(outcome.output.isEmpty)
    }

    @Test(arguments: [["sing", "file:a", "--in", "m"], ["certificate", "gte", "--json", "file:a"]])
    func aCommandThatDoesNotExistIsNamed(_ arguments: [String]) async throws {
        let line = try CommandLine()
        let outcome = try await line.run(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.errorText.contains("no command '\(arguments[0] == "sing" ? "sing" : "gte")'"), "\(outcome)")
        let secret = try await line.run(["pkcs11:object=a?pin-value=\(CommandLine.pin)"])
        #expect(secret.status == 64)
    }

    @Test(arguments: ["so-pin", "new-pin"])
    func twoSourcesForAPINOfATokenAreAnErrorThatNamesBoth(_ secret: String) async throws {
        let line = try CommandLine()
        let choices = [["--\(secret)-source", "a"], ["--\(secret)-fd", "5"], ["--\(secret)-env", "A"]]
        for command in ["set-pin", "unblock"] {
            for (first, second) in [(0, 1), (0, 2), (1, 2)] {
                let outcome = try await line.run(
                    ["token", command, "pkcs11:token=a"] + choices[first] + choices[second])
                #expect(outcome.status == 64)
                #expect(outcome.errorText.contains(choices[first][0]))
                #expect(outcome.errorText.contains(choices[second][0]))
            }
        }
    }

    @Test(arguments: ["pin", "passphrase"])
    func twoSourcesForOneSecretAreAnErrorThatNamesBoth(_ secret: String) async throws {
        let line = try CommandLine()
        let choices = [["--\(secret)-source", "a"], ["--\(secret)-fd", "5"], ["--\(secret)-env", "A"]]
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            let outcome = try await line.run(
                ["sign", "file:a", "--in", line.path("message")] + choices[first] + choices[second])
            #expect(outcome.status == 64)
            #expect(outcome.errorText.contains(choices[first][0]) && outcome.errorText.contains(choices[second][0]))
        }
    }

    @Test func anRSAKeyNeedsAnAlgorithmAndTheChoicesAreNamed() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase", "--size", "2048"])
        let outcome = try await line.run(["sign", line.file("key.pem"), "--in", line.path("message")])
        #expect(outcome.status == 64)
        for name in ["RS256", "PS512"] { #expect(outcome.errorText.contains(name)) }
    }

    @Test func aKeyOfATypeThatSignsWithNothingKnownIsSaidSo() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        try await line.tool(
            "pkcs11-tool", "--module", "/usr/lib/softhsm/libsofthsm2.so", "--token-label", "demo", "--login", "--pin",
            CommandLine.pin,
            "--keypairgen", "--key-type", "EC:secp256k1", "--id", "06", "--label", "other")
        let outcome = try await line.run(
            ["sign", "pkcs11:token=demo;object=other", "--in", line.path("message"), "--pin-source", line.path("pin")]
                + ["--json"])
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.jsonCode == "unsupportedMechanism")
    }

    @Test func aDigestMustFitItsAlgorithm() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("ec.pem"), "--no-passphrase"])
        try await line.output(["generate", line.file("ed.pem"), "--no-passphrase", "--crv", "Ed25519"])
        let short = try await line.run(["sign", line.file("ec.pem"), "--digest", "0011"])
        #expect(short.status == 64)
        #expect(short.errorText.contains("32 bytes"))
        let none = try await line.run(["sign", line.file("ed.pem"), "--digest", String(repeating: "0", count: 64)])
        #expect(none.status == 64)
        #expect(none.errorText.contains("no digest"))
    }

    @Test func deletingWithoutATerminalNeedsYesAndDestroysNothing() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        for extra in [[], ["--non-interactive"]] {
            let outcome = try await line.run(["delete", line.file("key.pem")] + extra, input: "y\n")
            #expect(outcome.status == 64)
            #expect(outcome.errorText.contains("--yes"))
        }
        #expect(line.exists("key.pem"))
    }
}
