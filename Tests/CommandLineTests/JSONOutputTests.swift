import ChildProcess
import Foundation
import Testing

/// The shape of every command's JSON: one object, the command's name, items with a reference.
struct JSONOutputTests {
    @Test(arguments: [TestedStore.plainFile, .token])
    func everyCommandsItemsHaveTheirMembers(_ store: TestedStore) async throws {
        let (line, key, make, use) = try await store.prepare()
        func keys(_ items: [[String: Any]]) -> Set<String> { Set(items.first.map { Array($0.keys) } ?? []) }
        let keyMembers: Set = [
            "uri", "type", "kty", "crv", "size", "label", "id", "publicKey", "algorithms",
            "decryptions", "agrees", "protection",
            "hasPrivateKey",
            "hasCertificate", "isExtractable", "properties",
        ]
        let made = try await line.items("generate", ["generate", key] + make)
        #expect(keys(made) == keyMembers)
        #expect(made[0]["type"] as? String == "EC P-256")
        #expect(made[0]["kty"] as? String == "EC")
        #expect(made[0]["crv"] as? String == "P-256")
        #expect(made[0]["size"] is NSNull)
        #expect(made[0]["algorithms"] as? [String] == ["ES256"])
        #expect(made[0]["isExtractable"] as? Bool == (store == .plainFile))

        #expect(keys(try await line.items("list", ["list", key] + (store == .token ? use : []))) == keyMembers)
        let uri = try await line.items("uri", ["uri", key])
        #expect(keys(uri) == ["uri", "scheme", "attributes", "warnings"])
        let published = try await line.items("public", ["public", key] + use)
        #expect(keys(published) == ["uri", "type", "kty", "crv", "size", "publicKey", "sha256", "pem"])
        #expect((published[0]["publicKey"] as? String)?.hasPrefix("3059") == true)
        #expect((published[0]["sha256"] as? String)?.count == 64)

        let signed = try await line.items("sign", ["sign", key, "--in", line.path("message")] + use)
        #expect(keys(signed) == ["uri", "alg", "format", "signature"])
        let signature = try #require(signed[0]["signature"] as? String)
        #expect(signature == signature.lowercased() && signature.hasPrefix("30"))
        line.write(
            "signature",
            stride(from: 0, to: signature.count, by: 2).map {
                UInt8(signature.dropFirst($0).prefix(2), radix: 16)!
            })
        let verified = try await line.items(
            "verify", ["verify", key, "--in", line.path("message"), "--signature", line.path("signature")] + use)
        #expect(verified[0]["valid"] as? Bool == true)
        #expect(
            keys(try await line.items("csr", ["csr", key, "--subject", "CN=a"] + use)) == ["uri", "alg", "csr", "pem"])

        try await line.tool(
            "openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-subj",
            "/CN=a")
        chmod(line.path("k.pem"), 0o600)
        let other = store == .token ? "pkcs11:token=demo;object=other" : line.file("other.pem")
        let imported = try await line.items("import", ["import", other, "--in", line.path("k.pem")] + make)
        #expect(keys(imported) == keyMembers)
        #expect(imported[0]["kty"] as? String == "OKP")
        let put = try await line.items(
            "certificate", ["certificate", "put", other, "--in", line.path("c.pem")] + use)
        #expect(keys(put) == ["uri", "certificates"])
        let got = try await line.items("certificate", ["certificate", "get", other] + use)
        #expect(keys(got) == ["uri", "certificates", "pem"])
        #expect(got[0]["certificates"] as? [String] == put[0]["certificates"] as? [String])
        #expect(got[0]["pem"] as? String == String(decoding: try line.read("c.pem"), as: UTF8.self))
        #expect(keys(try await line.items("certificate", ["certificate", "delete", other] + use)) == ["uri"])

        #expect(keys(try await line.items("delete", ["delete", key, "--yes"] + use)) == ["uri"])
    }

    @Test func aListingIsOneObjectHoweverManyKeysThereAre() async throws {
        let line = try CommandLine()
        try await line.makeToken()
        let use = ["--pin-source", line.path("pin")]
        for number in 0...2 {
            #expect(try await line.items("list", ["list", "pkcs11:token=demo"] + use).count == number)
            try await line.output(["generate", "pkcs11:token=demo;object=k\(number)"] + use)
        }
        let printed = try await line.run(["list", "pkcs11:token=demo", "--json"] + use)
        #expect(printed.outputText.split(separator: "\n").count == 1 && printed.outputText.hasSuffix("]}\n"))
    }

    @Test func tokensAndBackendsHaveTheirMembers() async throws {
        let line = try CommandLine()
        try await line.makeToken("demo")
        let tokens = try await line.items("tokens", ["tokens", "pkcs11:token=demo"])
        #expect(tokens.count == 1)
        #expect(
            Set(tokens[0].keys) == [
                "uri", "label", "manufacturer", "model", "serial", "location", "pinState", "flags", "triesLeft",
                "properties",
            ])
        #expect(tokens[0]["label"] as? String == "demo")
        #expect(tokens[0]["pinState"] as? String == "PIN set")
        let properties = try #require(tokens[0]["properties"] as? [String: String])
        #expect(properties["module"]?.contains("softhsm") == true)
        #expect(properties["mechanisms"]?.contains("CKM_ECDSA") == true)
        #expect(properties["quirks"] != nil)

        let backends = try await line.items("backends", ["backends"])
        let file = try #require(backends.first { $0["name"] as? String == "file" })
        #expect(Set(file.keys) == ["uri", "name", "path", "version", "schemes", "reads", "abilities", "computesOnly"])
        #expect(file["schemes"] as? [String] == ["file"])
        #expect(backends.contains { $0["name"] as? String == "pkcs11" })
    }

    @Test func anErrorIsOneObjectOnStandardErrorAndNothingIsOnStandardOutput() async throws {
        let line = try CommandLine()
        let outcome = try await line.run(["sign", line.file("none.pem"), "--in", line.path("message"), "--json"])
        #expect(outcome.status == 66)
        #expect(outcome.output.isEmpty)
        let error = try #require(outcome.jsonError)
        #expect(Set(error.keys) == ["code", "message", "operation", "subject", "hint", "native"])
        #expect(error["code"] as? String == "noSuchKey")
        #expect(error["subject"] as? String == line.file("none.pem"))
        #expect((error["native"] as? [String: Any])?["domain"] as? String == "errno")
    }

    @Test func aUsageErrorIsOneToo() async throws {
        let line = try CommandLine()
        let outcome = try await line.run(["sign", "--json", "--nonsense"])
        #expect(outcome.status == 64)
        #expect(outcome.jsonCode == "usage")
    }

    @Test func whatIsPrintedSurvivesLabelsWithEveryKindOfCharacter() async throws {
        let line = try CommandLine()
        try await line.makeToken("a\"\\b ü")
        let tokens = try await line.items("tokens", ["tokens", "pkcs11:model=SoftHSM%20v2"])
        #expect(tokens.map { $0["label"] as? String } == ["a\"\\b ü"])
        let uri = try #require(tokens[0]["uri"] as? String)
        #expect(try await line.output(["tokens", "--only-uris", uri]) == uri)
    }
}
