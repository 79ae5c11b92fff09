import ChildProcess
import Foundation
import Testing

/// Decrypting, deriving and renaming, with OpenSSL as the judge.
struct KeyUseTests {
    private static let paddings: [String: [String]] = [
        "RSA1_5": ["rsa_padding_mode:pkcs1"],
        "RSA-OAEP": ["rsa_padding_mode:oaep", "rsa_oaep_md:sha1"],
        "RSA-OAEP-256": ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256"],
        "RSA-OAEP-384": ["rsa_padding_mode:oaep", "rsa_oaep_md:sha384"],
        "RSA-OAEP-512": ["rsa_padding_mode:oaep", "rsa_oaep_md:sha512"],
    ]

    /// A token with an RSA key for decrypting; its public key is in `public.pem`. The reference, and what opens it.
    private func decryptingKey(_ line: CommandLine) async throws -> (key: String, pin: [String]) {
        try await line.makeToken()
        let pin = ["--pin-source", line.path("pin")]
        let key = try await line.output(
            ["generate", "pkcs11:token=demo;object=sealed", "--kty", "RSA", "--size", "2048", "--use", "decrypt"] + pin)
        line.write("public.pem", try await line.output(["public", key]) + "\n")
        return (key, pin)
    }

    /// Encrypts the message to the key in `public.pem`.
    private func encrypt(_ algorithm: String, to name: String, _ line: CommandLine) async throws {
        let options = try #require(Self.paddings[algorithm]).flatMap { ["-pkeyopt", $0] }
        var tool = try Program.system(
            "openssl",
            ["pkeyutl", "-encrypt", "-pubin", "-inkey", "public.pem", "-in", "message", "-out", name] + options)
        tool.workingDirectory = line.folder
        let outcome = try await tool.run()
        try #require(outcome.status == 0, "\(outcome)")
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test func whatOpenSSLEncryptedIsDecryptedWithEveryAlgorithmThatTheKeyHas() async throws {
        let line = try CommandLine()
        let (key, pin) = try await decryptingKey(line)
        let listed = try await line.items("list", ["list", key] + pin)
        let algorithms = try #require(listed[0]["decryptions"] as? [String])
        #expect(algorithms.contains("RSA-OAEP") && algorithms.contains("RSA1_5"))
        #expect(listed[0]["algorithms"] as? [String] == [])
        for algorithm in algorithms {
            try await encrypt(algorithm, to: "\(algorithm).bin", line)
            let decrypt = ["decrypt", key, "--alg", algorithm, "--in", line.path("\(algorithm).bin")] + pin
            // PKCS#11 does not say which hashes a token has for OAEP, and this one has SHA-1 alone.
            guard ["RSA1_5", "RSA-OAEP"].contains(algorithm) else {
                let outcome = try await line.run(decrypt + ["--json"])
                #expect(outcome.status == 69 && outcome.jsonCode == "unsupportedMechanism", "\(outcome)")
                continue
            }
            try await line.output(decrypt + ["--out", line.path("\(algorithm).txt")])
            #expect(try line.read("\(algorithm).txt") == Array("the message\n".utf8))
            #expect(mode(line.path("\(algorithm).txt")) == 0o600)
            #expect(try await line.run(decrypt).outputText == "the message\n")
        }
    }

    @Test func aPlaintextIsHexadecimalInJSONOrInTheFileAlone() async throws {
        let line = try CommandLine()
        let (key, pin) = try await decryptingKey(line)
        try await encrypt("RSA-OAEP", to: "ciphertext", line)
        let decrypt = ["decrypt", key, "--alg", "RSA-OAEP", "--in", line.path("ciphertext")] + pin
        let items = try await line.items("decrypt", decrypt)
        #expect(Set(items[0].keys) == ["uri", "alg", "plaintext"])
        #expect(items[0]["alg"] as? String == "RSA-OAEP")
        #expect(items[0]["plaintext"] as? String == "746865206d6573736167650a")
        let inFile = try await line.items("decrypt", decrypt + ["--out", line.path("out")])
        #expect(inFile[0]["plaintext"] is NSNull)
        #expect(mode(line.path("out")) == 0o600)
    }

    @Test func whateverIsWrongWithACiphertextGetsTheSameAnswer() async throws {
        let line = try CommandLine()
        let (key, pin) = try await decryptingKey(line)
        try await encrypt("RSA-OAEP", to: "right", line)
        let right = try line.read("right")
        line.write("flipped", right.dropLast() + [right.last! ^ 1])
        line.write("short", Array(right.dropLast()))
        line.write("nothing", [UInt8]())
        line.write("large", [UInt8](repeating: 0xFF, count: right.count))
        var answers: Set<String> = []
        for name in ["flipped", "short", "nothing", "large"] {
            let outcome = try await line.run(
                ["decrypt", key, "--alg", "RSA-OAEP", "--in", line.path(name), "--out", line.path("out"), "--json"]
                    + pin)
            #expect(outcome.status == 65, "\(name) \(outcome)")
            answers.insert(outcome.errorText)
            #expect(!line.exists("out"))
        }
        #expect(answers.count == 1, "\(answers)")
        line.write("long", [UInt8](repeating: 1, count: 5000))
        for name in ["long", "none"] {
            let outcome = try await line.run(
                ["decrypt", key, "--alg", "RSA-OAEP", "--in", line.path(name), "--json", "--non-interactive"])
            #expect(outcome.status == 65, "\(outcome)")
            #expect((outcome.jsonError?["message"] as? String)?.contains(line.path(name)) == true)
        }
    }

    @Test func aSecretIsNotWrittenToATerminalNorOverAFile() async throws {
        let line = try CommandLine()
        let (key, pin) = try await decryptingKey(line)
        try await encrypt("RSA-OAEP", to: "ciphertext", line)
        for arguments in [
            ["decrypt", key, "--alg", "RSA-OAEP", "--in", line.path("ciphertext")],
            ["derive", key, "--peer", line.path("public.pem")],
        ] {
            let outcome = try line.program(arguments + pin).start(onTerminal: true).waitForEnd()
            #expect(outcome.status == 64)
            #expect(outcome.outputText.contains("is not written to a terminal"))
        }
        for json in [[], ["--json"]] {
            let outcome = try await line.run(
                ["decrypt", key, "--alg", "RSA-OAEP", "--in", line.path("ciphertext"), "--out", line.path("message")]
                    + pin + json)
            #expect(outcome.status == 68)
        }
        #expect(try line.read("message") == Array("the message\n".utf8))
    }

    @Test func aKeyForOneUseIsOfNoOther() async throws {
        let line = try CommandLine()
        let (decrypting, pin) = try await decryptingKey(line)
        let signing = try await line.output(
            ["generate", "pkcs11:token=demo;object=signing", "--kty", "RSA", "--size", "2048"] + pin)
        let elliptic = try await line.output(["generate", "pkcs11:token=demo;object=elliptic"] + pin)
        line.write("peer.pem", try await line.output(["public", elliptic]) + "\n")
        try await encrypt("RSA-OAEP", to: "ciphertext", line)
        for arguments in [
            ["sign", decrypting, "--alg", "RS256", "--in", line.path("message")],
            ["decrypt", signing, "--alg", "RSA-OAEP", "--in", line.path("ciphertext")],
            ["derive", elliptic, "--peer", line.path("peer.pem")],
        ] {
            let outcome = try await line.run(arguments + pin + ["--json"])
            #expect(outcome.status == 69, "\(outcome)")
            #expect(outcome.jsonCode == "unsupportedMechanism")
        }
    }

    @Test func anImportedKeyIsForWhatItIsSaidToBeFor() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let pin = ["--pin-source", line.path("pin")]
        try await line.tool(
            "openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.key")
        try await line.tool("openssl", "genpkey", "-algorithm", "ED25519", "-out", "ed.key")
        for name in ["rsa.key", "ed.key"] { chmod(line.path(name), 0o600) }
        let key = try await line.output(
            ["import", "pkcs11:token=demo;object=sealed", "--in", line.path("rsa.key"), "--use", "decrypt"] + pin)
        line.write("public.pem", try await line.output(["public", key]) + "\n")
        try await encrypt("RSA-OAEP", to: "ciphertext", line)
        let plaintext = try await line.run(
            ["decrypt", key, "--alg", "RSA-OAEP", "--in", line.path("ciphertext")] + pin)
        #expect(plaintext.outputText == "the message\n", "\(plaintext)")
        let signed = try await line.run(["sign", key, "--alg", "RS256", "--in", line.path("message"), "--json"] + pin)
        #expect(signed.jsonCode == "unsupportedMechanism", "\(signed)")

        for use in ["decrypt", "derive"] {
            let refused = try await line.run(
                ["import", "pkcs11:token=demo;object=other", "--in", line.path("ed.key"), "--use", use, "--json"] + pin)
            #expect(refused.status == 69 && refused.jsonCode == "unsupportedMechanism", "\(refused)")
        }
        #expect(try await line.run(["public", "pkcs11:token=demo;object=other"] + pin).status == 66)
    }

    @Test func aKeyForTwoUsesHasBoth() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let made = try await line.items(
            "generate",
            ["generate", "pkcs11:token=demo;object=both", "--use", "sign", "--use", "derive", "--pin-source"]
                + [line.path("pin")])
        #expect(made[0]["algorithms"] as? [String] == ["ES256"])
        #expect(made[0]["agrees"] as? Bool == true)
    }

    @Test(arguments: ["P-256", "P-384", "P-521"])
    func aDerivedSecretIsTheOneThatOpenSSLDerives(_ curve: String) async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let pin = ["--pin-source", line.path("pin")]
        let key = try await line.output(
            ["generate", "pkcs11:token=demo;object=ziggy", "--crv", curve, "--use", "derive"] + pin)
        line.write("ours.pem", try await line.output(["public", key]) + "\n")
        try await line.tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:\(curve)", "-nodes", "-keyout",
            "peer.key", "-out", "certificate.pem", "-subj", "/CN=peer")
        try await line.tool("openssl", "pkey", "-in", "peer.key", "-pubout", "-out", "public.pem")
        try await line.tool("openssl", "pkey", "-in", "peer.key", "-pubout", "-outform", "DER", "-out", "public.der")
        try await line.tool("openssl", "x509", "-in", "certificate.pem", "-outform", "DER", "-out", "certificate.der")
        let theirs = try await line.tool(
            "openssl", "pkeyutl", "-derive", "-inkey", "peer.key", "-peerkey", "ours.pem"
        ).output
        for peer in ["public.pem", "public.der", "certificate.pem", "certificate.der"] {
            try await line.output(["derive", key, "--peer", line.path(peer), "--out", line.path("\(peer).out")] + pin)
            #expect(try line.read("\(peer).out") == theirs, "\(peer)")
            #expect(mode(line.path("\(peer).out")) == 0o600)
        }
        let items = try await line.items("derive", ["derive", key, "--peer", line.path("public.pem")] + pin)
        #expect(Set(items[0].keys) == ["uri", "secret"])
        #expect(items[0]["secret"] as? String == theirs.map { String(format: "%02x", $0) }.joined())
    }

    @Test func aPeerThatDoesNotFitIsBadDataAndNamed() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let pin = ["--pin-source", line.path("pin")]
        let key = try await line.output(["generate", "pkcs11:token=demo;object=ziggy", "--use", "derive"] + pin)
        for (name, options) in [
            ("p384", ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]), ("rsa", ["RSA"]), ("ed", ["ED25519"]),
        ] {
            var tool = try Program.system("openssl", ["genpkey", "-algorithm"] + options + ["-out", "\(name).key"])
            tool.workingDirectory = line.folder
            try #require(try await tool.run().status == 0)
            try await line.tool("openssl", "pkey", "-in", "\(name).key", "-pubout", "-out", name)
            let outcome = try await line.run(["derive", key, "--peer", line.path(name), "--json"] + pin)
            #expect(outcome.status == 65, "\(outcome)")
            #expect(outcome.jsonCode == "invalidData")
        }
        line.write("garbage", "no key here")
        line.write("der", [0x30, 0x01])
        line.write("long", [UInt8](repeating: 0x30, count: 70000))
        // Also before a PIN is asked for.
        for name in ["garbage", "der", "long", "none", "p384.key"] {
            let outcome = try await line.run(
                ["derive", key, "--peer", line.path(name), "--json", "--non-interactive"])
            #expect(outcome.status == 65, "\(name) \(outcome)")
            #expect((outcome.jsonError?["message"] as? String)?.contains(line.path(name)) == true, "\(outcome)")
        }
    }

    @Test func aKeyIsFoundUnderItsNewNamesAndNotUnderItsOldOnes() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let pin = ["--pin-source", line.path("pin")]
        let old = try await line.output(["generate", "pkcs11:token=demo;object=old;id=%01"] + pin)
        let publicKey = try await line.output(["public", old])
        let relabelled = try await line.output(["relabel", old, "--label", "new"] + pin)
        #expect(relabelled.contains("object=new") && relabelled.contains("id=%01"))
        let both = try await line.items("relabel", ["relabel", relabelled, "--label", "other", "--id", "0A0b"] + pin)
        #expect(both[0]["label"] as? String == "other")
        #expect(both[0]["id"] as? String == "0a0b")
        let uri = try #require(both[0]["uri"] as? String)
        #expect(try await line.output(["public", uri]) == publicKey)
        try await line.output(["sign", uri, "--in", line.path("message"), "--out", line.path("signature")] + pin)
        for gone in [old, relabelled] { #expect(try await line.run(["public", gone] + pin).status == 66) }
    }

    @Test func aNameThatAnotherKeyHasIsRefused() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let pin = ["--pin-source", line.path("pin")]
        let first = try await line.output(["generate", "pkcs11:token=demo;object=first;id=%01"] + pin)
        try await line.output(["generate", "pkcs11:token=demo;object=second;id=%02"] + pin)
        for name in [["--label", "second"], ["--id", "02"], ["--label", "third", "--id", "02"]] {
            let outcome = try await line.run(["relabel", first, "--json"] + name + pin)
            #expect(outcome.status == 68, "\(outcome)")
            #expect(outcome.jsonCode == "keyExists")
        }
        try await line.output(["public", first])
        let none = try await line.run(["relabel", "pkcs11:token=demo;object=none", "--label", "a"] + pin)
        #expect(none.status == 66, "\(none)")
    }
}
