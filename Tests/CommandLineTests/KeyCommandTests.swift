import ChildProcess
import Foundation
import Testing

/// Every key command on every kind of store, with other people's tools as judges.
struct KeyCommandTests {
    @Test(arguments: TestedStore.allCases)
    func aKeyThatWasMadeIsListedUsedAndDestroyed(_ store: TestedStore) async throws {
        let (line, key, make, use) = try await store.prepare()
        let reference = try await line.output(["generate", key, "--kty", "EC", "--crv", "P-256"] + make)
        #expect(reference.hasPrefix(store == .token ? "pkcs11:token=demo;serial=" : "file:///"))

        // What is printed is what the next command takes.
        try await line.output(["sign", reference, "--in", line.path("message"), "--out", line.path("signature")] + use)
        #expect(
            try await line.output(
                ["verify", reference, "--in", line.path("message"), "--signature", line.path("signature")] + use)
                == "valid")
        let pem = try await line.output(["public", reference] + use)
        line.write("public.pem", pem + "\n")
        let verdict = try await line.tool(
            "openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message")
        #expect(verdict.outputText.contains("Verified OK"))

        let where_ = store == .token ? "pkcs11:token=demo" : "file://\(line.folder)/key.pem"
        let listed = try await line.output(["list", where_] + (store == .token ? use : []))
        #expect(
            listed.split(separator: "\t").prefix(2) == [
                reference[...], store == .encryptedFile ? "encrypted" : "EC P-256",
            ])
        #expect(listed.hasSuffix("\tno certificate"))
        #expect(try await line.output(["list", "--only-uris", where_] + (store == .token ? use : [])) == reference)

        try await line.output(["delete", reference, "--yes"] + use)
        #expect(try await line.run(["public", reference] + use).status == 66)
    }

    @Test(arguments: [
        (["--kty", "EC", "--crv", "P-384"], "ES384", "id-ecPublicKey"),
        (["--crv", "P-521"], "ES512", "id-ecPublicKey"),
        (["--kty", "OKP"], "EdDSA", "ED25519"), (["--size", "2048"], "PS256", "rsaEncryption"),
    ])
    func everyKindOfKeyIsMadeAndItsRequestIsAccepted(_ options: [String], _ algorithm: String, _ name: String)
        async throws
    {
        for store in [TestedStore.plainFile, .token] {
            let (line, key, make, use) = try await store.prepare()
            try await line.output(["generate", key] + options + make)
            try await line.output(
                ["sign", key, "--alg", algorithm, "--in", line.path("message"), "--out", line.path("signature")] + use)
            #expect(
                try await line.output(
                    [
                        "verify", key, "--alg", algorithm, "--in", line.path("message"), "--signature",
                        line.path("signature"),
                    ] + use) == "valid")
            let request = try await line.output(["csr", key, "--subject", #"CN=zig\, gy,OU=a+L=b,O=Example"#] + use)
            line.write("request.pem", request + "\n")
            let seen = try await line.tool(
                "openssl", "req", "-in", "request.pem", "-verify", "-noout", "-subject", "-text")
            #expect(seen.outputText.contains(name) || seen.outputText.contains(name.uppercased()))
            #expect(seen.outputText.contains(#"O = Example, L = b + OU = a, CN = "zig, gy""#))
        }
    }

    @Test func aDigestIsSignedAndVerifiedLikeItsMessage() async throws {
        let line = try CommandLine()
        for (name, options, algorithm) in [
            ("ec.pem", ["--crv", "P-256"], "ES256"), ("rsa.pem", ["--size", "2048"], "RS256"),
        ] {
            try await line.output(["generate", line.file(name), "--no-passphrase"] + options)
            let hash = try await line.tool("openssl", "dgst", "-sha256", "-r", "message").outputText.prefix(64)
            try await line.output(
                [
                    "sign", line.file(name), "--alg", algorithm, "--digest", String(hash), "--out",
                    line.path("\(name).sig"),
                ])
            for input in [["--in", line.path("message")], ["--digest", String(hash)]] {
                let verdict = try await line.output(
                    ["verify", line.file(name), "--alg", algorithm, "--signature", line.path("\(name).sig")] + input)
                #expect(verdict == "valid")
            }
            let other = String(repeating: "00", count: 32)
            let refused = try await line.run(
                [
                    "verify", line.file(name), "--alg", algorithm, "--digest", other, "--signature",
                    line.path("\(name).sig"),
                    "--json",
                ])
            #expect(refused.status == 65)
            #expect(refused.jsonCode == "signatureInvalid")
        }
    }

    @Test func aLongMessageIsHashedWhileItIsRead() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        line.write("long", [UInt8](repeating: 7, count: 5 << 20))
        try await line.output([
            "sign", line.file("key.pem"), "--in", line.path("long"), "--out", line.path("signature"),
        ])
        line.write("public.pem", try await line.output(["public", line.file("key.pem")]) + "\n")
        try await line.tool("openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "long")
    }

    @Test func aSignatureInJOSEFormIsRAndSAtFullLength() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase", "--crv", "P-521"])
        let common = ["--in", line.path("message"), "--format", "jose"]
        try await line.output(["sign", line.file("key.pem"), "--out", line.path("signature")] + common)
        #expect(try line.read("signature").count == 132)
        try await line.output(["verify", line.file("key.pem"), "--signature", line.path("signature")] + common)
        let der = try await line.run(
            ["verify", line.file("key.pem"), "--signature", line.path("signature"), "--in", line.path("message")])
        #expect(der.status == 65)
    }

    @Test func aMessageComesFromTheStandardInputAndTheSignatureGoesToStandardOutput() async throws {
        let line = try CommandLine()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let signed = try await line.run(["sign", line.file("key.pem"), "--in", "-"], input: "the message\n")
        #expect(signed.status == 0)
        line.write("signature", signed.output)
        try await line.output(
            ["verify", line.file("key.pem"), "--in", line.path("message"), "--signature", line.path("signature")])
    }

    @Test(arguments: [TestedStore.plainFile, .token])
    func aKeyMadeByOthersIsImportedAndPrinted(_ store: TestedStore) async throws {
        let (line, key, make, use) = try await store.prepare()
        try await line.tool(
            "openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem")
        chmod(line.path("rsa.pem"), 0o600)
        let imported = try await line.run(["import", key, "--in", line.path("rsa.pem")] + make)
        #expect(imported.status == 0, "\(imported)")
        #expect(!imported.errorText.contains("can be read by others"))
        let theirs = try await line.tool("openssl", "pkey", "-in", "rsa.pem", "-pubout").outputText
        #expect(try await line.output(["public", key] + use) + "\n" == theirs)
        let der = try await line.run(["public", key, "--format", "der"] + use)
        #expect(
            der.output
                == (try await line.tool("openssl", "pkey", "-in", "rsa.pem", "-pubout", "-outform", "DER").output))
    }

    @Test func anEncryptedPEMIsImportedIntoAFileWithAnotherPassphrase() async throws {
        let line = try CommandLine()
        line.write("new", "another-29881\n", mode: 0o600)
        try await line.output(["generate", line.file("a.pem"), "--passphrase-source", line.path("passphrase")])
        try await line.output([
            "import", line.file("b.pem"), "--in", line.path("a.pem"), "--passphrase-source", line.path("passphrase"),
            "--new-passphrase-source", line.path("new"),
        ])
        #expect(try String(decoding: line.read("b.pem"), as: UTF8.self).contains("BEGIN ENCRYPTED PRIVATE KEY"))
        let same = try await line.output(["public", line.file("b.pem"), "--passphrase-source", line.path("new")])
        #expect(
            same
                == (try await line.output([
                    "public", line.file("a.pem"), "--passphrase-source", line.path("passphrase"),
                ])))
    }

    @Test func aReadablePrivateKeyIsWarnedAboutAtImport() async throws {
        let line = try CommandLine()
        try await line.tool("openssl", "genpkey", "-algorithm", "ED25519", "-out", "key.pem")
        chmod(line.path("key.pem"), 0o644)
        let outcome = try await line.run([
            "import", line.file("new.pem"), "--in", line.path("key.pem"), "--no-passphrase",
        ])
        #expect(outcome.status == 0)
        #expect(outcome.errorText.contains("warning: \(line.path("key.pem")) holds a private key"))
    }

    @Test func aJSONWebKeyHoldsTheNumbersOfTheKey() async throws {
        let line = try CommandLine()
        func jwk(_ options: [String]) async throws -> [String: String] {
            let name = "\(options.joined()).pem"
            try await line.output(["generate", line.file(name), "--no-passphrase"] + options)
            let text = try await line.output(["public", line.file(name), "--format", "jwk"])
            return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
        }
        func bytes(_ text: String?) -> Int {
            let text = (text ?? "").replacing("-", with: "+").replacing("_", with: "/")
            return Data(base64Encoded: text + String(repeating: "=", count: (4 - text.count % 4) % 4))?.count ?? -1
        }
        let ec = try await jwk(["--crv", "P-384"])
        #expect(ec["kty"] == "EC" && ec["crv"] == "P-384" && bytes(ec["x"]) == 48 && bytes(ec["y"]) == 48)
        let rsa = try await jwk(["--size", "2048"])
        #expect(rsa["kty"] == "RSA" && bytes(rsa["n"]) == 256 && rsa["e"] == "AQAB")
        let okp = try await jwk(["--crv", "Ed25519"])
        #expect(okp["kty"] == "OKP" && okp["crv"] == "Ed25519" && bytes(okp["x"]) == 32)
    }

    @Test func aKeyThatOnlyAgreesIsShownAsWhatItIsAndRefusedWhereASignatureIsWanted() async throws {
        let line = try CommandLine()
        try await line.tool("openssl", "genpkey", "-algorithm", "X25519", "-out", "x.pem")
        chmod(line.path("x.pem"), 0o600)
        let key = line.file("x.pem")
        let pem = try await line.output(["public", key]) + "\n"
        #expect(pem == (try await line.tool("openssl", "pkey", "-in", "x.pem", "-pubout").outputText))
        let jwk = try #require(
            try JSONSerialization.jsonObject(
                with: Data(try await line.output(["public", key, "--format", "jwk"]).utf8)) as? [String: String])
        let text = (jwk["x"] ?? "").replacing("-", with: "+").replacing("_", with: "/") + "="
        #expect(jwk["kty"] == "OKP" && jwk["crv"] == "X25519" && jwk.count == 3)
        let der = try await line.tool("openssl", "pkey", "-in", "x.pem", "-pubout", "-outform", "DER").output
        #expect(Data(base64Encoded: text) == Data(der.suffix(32)))
        #expect(try await line.output(["list", key]).contains("\tX25519\t"))
        let item = try await line.items("list", ["list", key])[0]
        #expect(item["type"] as? String == "X25519" && item["kty"] as? String == "OKP")
        #expect(item["crv"] as? String == "X25519" && item["agrees"] as? Bool == false)

        for arguments in [
            ["csr", key, "--subject", "CN=x"], ["sign", key, "--in", line.path("message")],
            ["sign", key, "--in", line.path("message"), "--alg", "EdDSA"],
            ["verify", key, "--in", line.path("message"), "--signature", line.path("message")],
            ["generate", line.file("new.pem"), "--crv", "X25519", "--no-passphrase"],
            ["import", line.file("new.pem"), "--in", line.path("x.pem"), "--no-passphrase"],
        ] {
            let refused = try await line.run(arguments + ["--json"])
            #expect(refused.status == 69 && refused.jsonCode == "unsupportedMechanism", "\(arguments): \(refused)")
        }
        #expect(try await line.run(["csr", key, "--subject", "CN=x"]).errorText.contains("the X25519 key"))
        #expect(try await line.run(["sign", key, "--in", line.path("message")]).errorText.contains("X25519 keys sign"))
    }

    @Test(arguments: [TestedStore.plainFile, .token])
    func aCertificateIsStoredReadAndRemoved(_ store: TestedStore) async throws {
        let (line, key, make, use) = try await store.prepare()
        try await line.tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "k.pem",
            "-out", "c.pem", "-subj", "/CN=ziggy", "-days", "2")
        chmod(line.path("k.pem"), 0o600)
        try await line.output(["import", key, "--in", line.path("k.pem")] + make)
        #expect(try await line.run(["certificate", "get", key] + use).status == 66)
        try await line.output(["certificate", "put", key, "--in", line.path("c.pem")] + use)
        let certificate = try String(decoding: line.read("c.pem"), as: UTF8.self)
        #expect(try await line.output(["certificate", "get", key] + use) + "\n" == certificate)
        #expect(try await line.output(["list", key] + (store == .token ? use : [])).hasSuffix("\tcertificate"))

        // The same again replaces nothing; another one for the same key does, and says so.
        let same = try await line.run(["certificate", "put", key, "--in", line.path("c.pem")] + use)
        #expect(same.status == 0 && !same.errorText.contains("were replaced"))
        try await line.tool(
            "openssl", "req", "-x509", "-key", "k.pem", "-out", "renewed.pem", "-subj", "/CN=ziggy", "-days", "9")
        let renewed = try await line.run(["certificate", "put", key, "--in", line.path("renewed.pem")] + use)
        #expect(renewed.status == 0 && renewed.errorText.contains("were replaced"))
        try await line.output(["certificate", "put", key, "--in", line.path("c.pem")] + use)

        // One for another key is refused, and the first one stays.
        try await line.tool(
            "openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "o.pem", "-out", "d.pem",
            "-subj", "/CN=other")
        #expect(try await line.run(["certificate", "put", key, "--in", line.path("d.pem")] + use).status == 65)
        #expect(try await line.output(["certificate", "get", key] + use) + "\n" == certificate)

        try await line.output(["certificate", "delete", key] + use)
        #expect(try await line.run(["certificate", "get", key] + use).status == 66)
        #expect(try await line.output(["public", key] + use).hasPrefix("-----BEGIN PUBLIC KEY-----"))
    }

    @Test func keysOfPKCS11ToolAreUsableAndOursAreUsableByIt() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let module = [
            "--module", "/usr/lib/softhsm/libsofthsm2.so", "--token-label", "demo", "--login", "--pin", CommandLine.pin,
        ]
        var make = try Program.system(
            "pkcs11-tool", module + ["-k", "--key-type", "EC:prime256v1", "--id", "02", "--label", "theirs"])
        make.environment["SOFTHSM2_CONF"] = line.path("softhsm2.conf")
        let made = try await make.run()
        try #require(made.status == 0, "\(made)")
        try await line.output([
            "sign", "pkcs11:token=demo;id=%02", "--in", line.path("message"), "--out", line.path("theirs.sig"),
            "--pin-source",
            line.path("pin"),
        ])
        line.write("theirs.pem", try await line.output(["public", "pkcs11:token=demo;object=theirs"]) + "\n")
        try await line.tool(
            "openssl", "dgst", "-sha256", "-verify", "theirs.pem", "-signature", "theirs.sig", "message")

        try await line.output(["generate", "pkcs11:token=demo;object=ours;id=%0A", "--pin-source", line.path("pin")])
        try await line.tool("openssl", "dgst", "-sha256", "-binary", "-out", "digest", "message")
        var sign = make
        sign.arguments =
            module + [
                "--sign", "--id", "0a", "--mechanism", "ECDSA", "--signature-format", "openssl", "--input-file",
                line.path("digest"), "--output-file", line.path("ours.sig"),
            ]
        let signed = try await sign.run()
        try #require(signed.status == 0, "\(signed)")
        let verdict = try await line.output(
            [
                "verify", "pkcs11:token=demo;object=ours", "--in", line.path("message"), "--signature",
                line.path("ours.sig"),
            ])
        #expect(verdict == "valid")
    }
}
