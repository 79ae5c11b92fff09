import ChildProcess
import Foundation
import Testing

/// What bad input gets: an error that names the thing, its exit status, and nothing lost.
struct RefusalTests {
    @Test(arguments: [
        ("nonsense", "scheme"), ("1file:a", "scheme"), ("pkcs11:token=%zz", "hexadecimal"),
        ("pkcs11:tokn=demo", "tokn"),
        ("file:", "path"), ("file://example.org/key.pem", "example.org"), ("pkcs11:token=a b", "white space"),
    ])
    func aMalformedReferenceIsAUsageErrorThatNamesWhatIsWrong(_ reference: String, _ word: String) async throws {
        let line = try CommandLine()
        for arguments in [
            ["uri", reference], ["public", reference], ["sign", reference, "--in", line.path("message")],
        ] {
            let outcome = try await line.run(arguments + ["--json"])
            #expect(outcome.status == 64, "\(outcome)")
            #expect(outcome.jsonCode == "invalidURI")
            #expect((outcome.jsonError?["message"] as? String)?.contains(word) == true, "\(outcome)")
        }
    }

    @Test(arguments: [("file:key.pem?colour=red", "colour"), ("pkcs11:token=demo?colour=red", "colour")])
    func anUnknownQueryAttributeIsWarnedAboutByNameAndNotAnError(_ reference: String, _ name: String) async throws {
        let line = try CommandLine()
        let outcome = try await line.run(["uri", reference])
        #expect(outcome.status == 0)
        #expect(outcome.errorText.hasPrefix("warning: "))
        #expect(outcome.errorText.contains("'\(name)'"))
    }

    @Test(arguments: [TestedStore.plainFile, .token])
    func aKeyThatIsNotThereIsNotFound(_ store: TestedStore) async throws {
        let (line, key, _, use) = try await store.prepare()
        let message = line.path("message")
        for arguments in [
            ["sign", key, "--in", message], ["public", key], ["csr", key, "--subject", "CN=a"],
            ["delete", key, "--yes"],
            ["certificate", "get", key], ["verify", key, "--in", message, "--signature", message],
        ] {
            let outcome = try await line.run(arguments + use + ["--json"])
            #expect(outcome.status == 66, "\(arguments) \(outcome)")
            #expect(outcome.jsonCode == "noSuchKey")
        }
    }

    @Test func aTokenThatIsNotThereIsNotFoundAndNoPINIsAskedFor() async throws {
        let line = try CommandLine()
        try await line.makeToken("demo")
        for arguments in [
            ["tokens", "pkcs11:token=other"], ["list", "pkcs11:token=other"],
            ["sign", "pkcs11:token=other;object=ziggy", "--in", line.path("message")],
        ] {
            let outcome = try await line.run(arguments + ["--json", "--non-interactive"])
            #expect(outcome.status == 66, "\(outcome)")
            #expect(outcome.jsonCode == "noSuchToken")
        }
    }

    @Test func twoTokensThatMatchAreListedAndNoPINIsSent() async throws {
        let line = try CommandLine()
        try await line.makeToken("demo")
        try await line.makeToken("demo")
        let listed = try await line.output(["tokens", "--only-uris", "pkcs11:token=demo"]).split(separator: "\n")
        #expect(listed.count == 2)
        let outcome = try await line.run([
            "sign", "pkcs11:token=demo;object=ziggy", "--in", line.path("message"), "--pin-source", line.path("pin"),
        ])
        #expect(outcome.status == 67, "\(outcome)")
        let serials = listed.compactMap { uri in uri.split(separator: ";").first { $0.hasPrefix("serial=") } }
        for serial in serials { #expect(outcome.errorText.contains(serial)) }
        // The tokens' flags would show a PIN that was wrong.
        #expect(!(try await line.output(["tokens", "pkcs11:token=demo"])).contains("a wrong one"))
    }

    @Test func twoKeysThatMatchAreListedAndEachListedReferenceWorks() async throws {
        let line = try CommandLine()
        try await line.makeToken("demo")
        let pin = ["--pin-source", line.path("pin")]
        var made: [String] = []
        for name in ["a", "b"] {
            made.append(try await line.output(["generate", "pkcs11:token=demo;object=\(name)"] + pin))
        }
        let outcome = try await line.run(
            ["sign", "pkcs11:token=demo", "--in", line.path("message")] + pin + ["--json"])
        #expect(outcome.status == 67, "\(outcome)")
        #expect(outcome.jsonCode == "ambiguousKey")
        let message = try #require(outcome.jsonError?["message"] as? String)
        let candidates = message.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.hasPrefix("pkcs11:") }
        #expect(Set(candidates) == Set(made))
        for candidate in candidates { #expect(try await line.run(["public", candidate]).status == 0) }
    }

    @Test func aFolderWithTwoKeysIsAmbiguousAndListsThem() async throws {
        let line = try CommandLine()
        mkdir(line.path("keys"), 0o700)
        for name in ["a", "b"] {
            try await line.output(["generate", line.file("keys/\(name).pem"), "--no-passphrase"])
        }
        let outcome = try await line.run(["public", line.file("keys")])
        #expect(outcome.status == 67)
        for name in ["a", "b"] { #expect(outcome.errorText.contains(line.file("keys/\(name).pem"))) }
        #expect(try await line.output(["list", "--only-uris", line.file("keys")]).split(separator: "\n").count == 2)
    }

    @Test(arguments: TestedStore.allCases)
    func whatIsThereIsNeverOverwritten(_ store: TestedStore) async throws {
        let (line, key, make, use) = try await store.prepare()
        try await line.output(["generate", key] + make)
        let before = try await line.output(["public", key] + use)
        try await line.tool("openssl", "genpkey", "-algorithm", "ED25519", "-out", "other.pem")
        chmod(line.path("other.pem"), 0o600)
        var newFile = make
        if store == .encryptedFile { newFile = ["--new-passphrase-source", line.path("passphrase")] }
        for arguments in [["generate", key] + make, ["import", key, "--in", line.path("other.pem")] + newFile] {
            let outcome = try await line.run(arguments + ["--json"])
            #expect(outcome.status == 68, "\(outcome)")
            #expect(outcome.jsonCode == "keyExists")
        }
        #expect(try await line.output(["public", key] + use) == before)
    }

    @Test func outputFilesAreNeverOverwritten() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        line.write("out", "precious")
        let key = line.file("key.pem")
        for arguments in [
            ["sign", key, "--in", line.path("message")], ["public", key], ["csr", key, "--subject", "CN=a"],
            ["public", key, "--format", "der"],
        ] {
            for json in [[], ["--json"]] {
                let outcome = try await line.run(arguments + ["--out", line.path("out")] + json)
                #expect(outcome.status == 68, "\(outcome)")
            }
            #expect(try await line.run(arguments + ["--trace", line.path("out")]).status == 68)
        }
        #expect(try line.read("out") == Array("precious".utf8))
    }

    @Test func whatCannotBeWrittenIsSaidSo() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let missing = try await line.run(["public", line.file("key.pem"), "--out", line.path("nowhere/out"), "--json"])
        #expect(missing.status == 73)
        #expect(missing.jsonCode == "writeFailed")
        let full = try await line.run(["public", line.file("key.pem"), "--out", "/dev/full"])
        #expect(full.status == 73)
        #expect(full.errorText.contains("/dev/full"))
        let nowhere = try await line.run(["generate", line.file("nowhere/key.pem"), "--no-passphrase"])
        #expect(nowhere.status == 73, "\(nowhere)")
    }

    @Test func aReaderThatGoesAwayIsAnErrorOfWriting() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        var shell = try Program.system("sh", ["-c", "exec \"$0\" public \"$1\" >/dev/full"])
        shell.arguments += [BuildFolder.path + "/ziti-keystore", line.file("key.pem")]
        let outcome = try await shell.run()
        #expect(outcome.status == 73)
        #expect(outcome.errorText.contains("standard output"))
    }

    @Test func whatIsMeantForAClosedStandardOutputIsWrittenNowhereElse() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        var shell = line.program(["list", "pkcs11:token=demo", "--json"])
        shell.arguments = ["-c", "exec \"$0\" \"$@\" >&-", shell.path] + shell.arguments
        shell.path = "/bin/sh"
        let outcome = try await shell.run()
        #expect(outcome.status == 73, "\(outcome)")
        // No file that the module opened has got the number.
        let native = outcome.jsonError?["native"] as? [String: Any]
        #expect(native?["number"] as? Int == Int(EBADF), "\(outcome)")
    }

    @Test func withoutAnyStandardStreamASignatureIsMadeAllTheSame() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        try await line.output(["generate", "pkcs11:token=demo;object=key", "--pin-source", line.path("pin")])
        var shell = line.program(
            ["sign", "pkcs11:token=demo;object=key", "--pin-source", line.path("pin"), "--out", line.path("signature")]
                + ["--in", line.path("message")])
        shell.arguments = ["-c", "exec \"$0\" \"$@\" <&- >&- 2>&-", shell.path] + shell.arguments
        shell.path = "/bin/sh"
        #expect(try await shell.run().status == 0)
        let verified = try await line.run(
            ["verify", "pkcs11:token=demo;object=key", "--in", line.path("message"), "--signature"]
                + [line.path("signature")])
        #expect(verified.status == 0, "\(verified)")
    }

    @Test(arguments: [
        ["decrypt", "--alg", "RSA-OAEP", "--in", "message"], ["derive", "--peer", "peer.pem"],
        ["relabel", "--label", "a"], ["tokens", "--watch"], ["token", "init", "--label", "a", "--yes"],
        ["token", "set-pin"], ["token", "change-pin"], ["token", "change-pin", "--so"], ["token", "unblock"],
    ])
    func whatABackendCannotDoIsSaidBeforeASecretIsAskedFor(_ arguments: [String]) async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--passphrase-source", line.path("passphrase")])
        try await line.tool(
            "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "peer.key")
        try await line.tool("openssl", "pkey", "-in", "peer.key", "-pubout", "-out", "peer.pem")
        let outcome = try await line.run(arguments + [line.file("key.pem"), "--json"])
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.jsonCode == "unsupportedOperation")
        #expect((outcome.jsonError?["message"] as? String)?.contains("'file'") == true)
    }

    @Test func aKeyFileIsMadeForSigningOnly() async throws {
        let line = try CommandLine()
        let outcome = try await line.run([
            "generate", line.file("key.pem"), "--kty", "RSA", "--use", "decrypt", "--no-passphrase", "--json",
        ])
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.jsonCode == "unsupportedMechanism")
        #expect(!line.exists("key.pem"))
    }

    @Test func aKeyFileThatOthersCanReadIsRefused() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        chmod(line.path("key.pem"), 0o644)
        let outcome = try await line.run(["sign", line.file("key.pem"), "--in", line.path("message"), "--json"])
        #expect(outcome.status == 77)
        #expect(outcome.jsonCode == "policyRefused")
        #expect((outcome.jsonError?["message"] as? String)?.contains("644") == true)
    }

    @Test func aTruncatedKeyFileIsBadData() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        line.write("key.pem", Array(try line.read("key.pem").prefix(120)), mode: 0o600)
        let outcome = try await line.run(["sign", line.file("key.pem"), "--in", line.path("message"), "--json"])
        #expect(outcome.status == 65)
        #expect((outcome.jsonError?["message"] as? String)?.contains("key.pem") == true)
    }

    @Test func inputThatCannotBeReadIsBadDataAndNamed() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        line.write("garbage", "no certificate here")
        line.write("der", [0x30, 0x01])
        let key = line.file("key.pem")
        for (arguments, name) in [
            (["sign", key, "--in", line.path("none")], "none"), (["import", key, "--in", line.path("none")], "none"),
            (["certificate", "put", key, "--in", line.path("garbage")], "garbage"),
            (["certificate", "put", key, "--in", line.path("der")], "der"),
            (["import", line.file("new.pem"), "--no-passphrase", "--in", line.path("message")], "message"),
            (["verify", key, "--in", line.path("message"), "--signature", line.path("none")], "none"),
        ] {
            let outcome = try await line.run(arguments)
            #expect(outcome.status == 65, "\(arguments) \(outcome)")
            if !arguments.contains("import") || name == "none" {
                #expect(outcome.errorText.contains(line.path(name)), "\(outcome)")
            }
        }
        #expect(!line.exists("new.pem"))
    }

    @Test func aSignatureThatIsTooLongOrNotOneIsBadData() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        line.write("long", [UInt8](repeating: 0x30, count: 5000))
        for signature in ["long", "message"] {
            for format in ["der", "jose"] {
                let outcome = try await line.run([
                    "verify", line.file("key.pem"), "--in", line.path("message"), "--signature", line.path(signature),
                    "--format", format,
                ])
                #expect(outcome.status == 65)
                #expect(outcome.output.isEmpty)
            }
        }
    }

    @Test func anAlgorithmThatDoesNotFitTheKeyIsUnavailable() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let outcome = try await line.run([
            "sign", line.file("key.pem"), "--alg", "RS256", "--in", line.path("message"), "--json",
        ])
        #expect(outcome.status == 69)
        #expect(outcome.jsonCode == "unsupportedMechanism")
    }

    @Test func aLibraryThatIsNoModuleIsAConfigurationError() async throws {
        let line = try CommandLine()
        line.write("module.so", "text")
        for module in [line.path("module.so"), line.path("none.so")] {
            let outcome = try await line.run(["tokens", "pkcs11:", "--module", module, "--json"])
            #expect(outcome.status == 78, "\(outcome)")
            #expect((outcome.jsonError?["message"] as? String)?.contains(module) == true)
        }
        chmod(line.path("module.so"), 0o666)
        let writable = try await line.run(["tokens", "pkcs11:", "--module", line.path("module.so"), "--json"])
        #expect(writable.status == 78)
        #expect(writable.jsonCode == "untrustedLibrary")
    }
}
