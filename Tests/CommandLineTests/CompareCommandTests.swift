import ChildProcess
import Foundation
import FoundationXML
import KeyStoreCore
import Testing

@testable import ziti_keystore

/// A software key and its copy in a token, put side by side.
struct CompareCommandTests {
    /// Surroundings with a key file and its copy in a token, and the command line that compares both.
    private func prepare(_ type: [String] = []) async throws -> (line: CommandLine, compare: [String]) {
        let line = try CommandLine()
        try await line.makeToken()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"] + type)
        try await line.output(
            [
                "import", "pkcs11:token=demo;object=ziggy", "--in", line.path("key.pem"), "--pin-source",
                line.path("pin"),
            ]
        )
        return (
            line,
            [
                "compare", "pkcs11:token=demo;object=ziggy", line.file("key.pem"), "--count", "3", "--pin-source",
                line.path("pin"),
            ]
        )
    }

    /// How often a PIN was sent, by a trace.
    private func logins(_ line: CommandLine, _ trace: String = "trace") throws -> Int {
        String(decoding: try line.read(trace), as: UTF8.self).split(separator: "\n").filter { $0.contains(" C_Login(") }
            .count
    }

    @Test(arguments: [
        ([], "ES256"), (["--crv", "P-384"], "ES384"), (["--kty", "OKP"], "EdDSA"), (["--size", "2048"], "PS256"),
    ])
    func bothAreProvedToBeOneKeyAndMeasured(_ type: [String], _ algorithm: String) async throws {
        let (line, compare) = try await prepare(type)
        let items = try await line.items("compare", compare)
        #expect(items.map { $0["backend"] as? String } == ["pkcs11", "file"])
        #expect((items[0]["uri"] as? String)?.hasPrefix("pkcs11:token=demo;serial=") == true)
        #expect(items[1]["uri"] as? String == line.file("key.pem"))
        let key = try #require(try await line.items("public", ["public", line.file("key.pem")]).first)
        for item in items {
            #expect(item["sha256"] as? String == key["sha256"] as? String)
            #expect(item["alg"] as? String == algorithm)
            for time in ["openMicroseconds", "loginMicroseconds", "findMicroseconds"] {
                #expect((item[time] as? Double).map { $0 > 0 } == true, "\(time): \(item)")
            }
            let sign = try #require(item["signMicroseconds"] as? [String: Double])
            #expect(sign["count"] == 3)
            let order = ["least", "median", "p95", "most"].compactMap { sign[$0] }
            #expect(order.count == 4 && order == order.sorted(), "\(sign)")
        }
        let calls = try #require(items[0]["calls"] as? [String: Any])
        #expect(calls["unit"] as? String == "PKCS#11 calls")
        // C_SignInit and C_Sign.
        #expect(calls["sign"] as? Int == 2)
        #expect((calls["login"] as? Int).map { $0 > 1 } == true)
        #expect(items[1]["calls"] is NSNull)
        #expect((items[0]["onlyHere"] as? [String])?.contains("ability administration") == true)
        #expect(items[0]["isExtractable"] as? Bool == false && items[1]["isExtractable"] as? Bool == true)
    }

    @Test func theTableHasAColumnForEachPathAndSaysWhichKey() async throws {
        let (line, compare) = try await prepare()
        let text = try await line.output(compare)
        let lines = text.split(separator: "\n")
        #expect(lines[0].contains("One key, EC P-256, on 2 paths"))
        let header = try #require(
            lines.first { $0.hasPrefix(" ") && $0.hasSuffix("2 file") && $0.contains("1 pkcs11 ") })
        let column = try #require(header.firstRange(of: "2 file")).lowerBound.utf16Offset(in: header)
        for title in ["open the store", "log in", "find the key", "sign ES256, median of 3", "protected by"] {
            let row = try #require(lines.first { $0.hasPrefix(title) }, "no \(title)")
            let start = row.index(row.startIndex, offsetBy: column)
            #expect(row[row.index(before: start)] == " " && row[start] != " ", "\(row)")
        }
        #expect(text.contains("PKCS#11 calls ") && text.contains("not told"))
        #expect(text.contains("\n\nEvery path:\n  signs ES256\n  ability certificates, "))
    }

    @Test func theAlgorithmThatIsNamedIsUsedAndOneThatTheKeyLacksRefused() async throws {
        let (line, compare) = try await prepare(["--size", "2048"])
        let items = try await line.items("compare", compare + ["--alg", "RS384"])
        #expect(items.map { $0["alg"] as? String } == ["RS384", "RS384"])
        let refused = try await line.run(compare + ["--alg", "ES256", "--json"])
        #expect(refused.status == 69)
        #expect(refused.jsonCode == "unsupportedMechanism")
    }

    @Test func differentKeysAreAnErrorWithBothFingerprintsAndNothingIsCompared() async throws {
        let (line, compare) = try await prepare()
        try await line.output(["generate", line.file("other.pem"), "--no-passphrase"])
        var fingerprints: [String] = []
        for name in ["key.pem", "other.pem"] {
            let items = try await line.items("public", ["public", line.file(name)])
            fingerprints.append(try #require(items.first?["sha256"] as? String))
        }
        let arguments = compare.map { $0 == line.file("key.pem") ? line.file("other.pem") : $0 }
        let outcome = try await line.run(arguments + ["--json", "--trace", line.path("trace"), "--plot", "a.svg"])
        #expect(outcome.status == 65)
        #expect(outcome.jsonCode == "keysDiffer")
        for fingerprint in fingerprints { #expect(outcome.errorText.contains(fingerprint)) }
        #expect(outcome.output.isEmpty)
        #expect(!line.exists("a.svg"))
        // Both public keys can be read without: no PIN was sent.
        #expect(try logins(line) == 0)
    }

    @Test func anEncryptedFileIsKnownOnlyAfterItsPassphraseAndStillRefused() async throws {
        let (line, compare) = try await prepare()
        let source = ["--passphrase-source", line.path("passphrase")]
        try await line.tool(
            "openssl", "pkcs8", "-topk8", "-in", "key.pem", "-out", "encrypted.pem", "-passout",
            "file:\(line.path("passphrase"))")
        chmod(line.path("encrypted.pem"), 0o600)
        let arguments = compare.map { $0 == line.file("key.pem") ? line.file("encrypted.pem") : $0 } + source
        let items = try await line.items("compare", arguments)
        #expect(items[1]["protection"] as? [String] == ["passphrase"])

        try await line.output(["generate", line.file("other.pem")] + source)
        let other = compare.map { $0 == line.file("key.pem") ? line.file("other.pem") : $0 } + source
        let refused = try await line.run(other + ["--json"])
        #expect(refused.status == 65 && refused.jsonCode == "keysDiffer", "\(refused)")
    }

    @Test func aRejectedPINIsSentOnceAndOnNoOtherPath() async throws {
        let (line, _) = try await prepare()
        try await line.makeToken("second")
        try await line.output([
            "import", "pkcs11:token=second;object=ziggy", "--in", line.path("key.pem"), "--pin-source",
            line.path("pin"),
        ])
        let paths = ["compare", "pkcs11:token=demo;object=ziggy", "pkcs11:token=second;object=ziggy", "--json"]
        let outcome = try await line.run(paths + ["--pin-source", line.path("new-pin"), "--trace", line.path("trace")])
        #expect(outcome.status == 77)
        #expect(outcome.jsonCode == "pinIncorrect")
        #expect((outcome.jsonError?["message"] as? String)?.hasPrefix("path 1 (pkcs11): ") == true)
        #expect(try logins(line) == 1)
        #expect(outcome.output.isEmpty)

        // What can be read only once serves both tokens.
        let read = try await line.run(
            paths + ["--pin-fd", "7", "--count", "1"], descriptors: [7: "\(CommandLine.pin)\n"])
        #expect(read.status == 0, "\(read)")
    }

    @Test func thePINOfATokenThatIsNamedTwiceIsAskedForOnce() async throws {
        let (line, _) = try await prepare()
        let child = try line.program([
            "compare", "pkcs11:token=demo;object=ziggy", "pkcs11:object=ziggy", "--count", "1",
        ]).start(onTerminal: true)
        try child.waitForOutput("PIN for demo")
        child.send("\(CommandLine.pin)\n")
        let outcome = try child.waitForEnd()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.components(separatedBy: "PIN for demo").count == 2)
    }

    @Test func aBackendThatIsNotThereAndAKeyThatIsNotThereAreSaidOfTheirPath() async throws {
        let (line, compare) = try await prepare()
        let backend = try await line.run(
            ["compare", "pkcs11:token=demo;object=ziggy", "--backends", "pkcs11,nosuch", "--json"])
        #expect(backend.status == 78 && backend.jsonCode == "noSuchBackend")
        #expect((backend.jsonError?["message"] as? String)?.hasPrefix("path 2 (nosuch): ") == true)
        let foreign = try await line.run(
            ["compare", "pkcs11:token=demo;object=ziggy", "--backends", "pkcs11,file", "--json"])
        #expect(foreign.status == 64 && foreign.jsonCode == "invalidURI")
        let key = try await line.run(
            compare.map { $0 == line.file("key.pem") ? line.file("none.pem") : $0 } + ["--json"])
        #expect(key.status == 66 && key.jsonCode == "noSuchKey", "\(key)")
        #expect((key.jsonError?["message"] as? String)?.hasPrefix("path 2 (file): ") == true)
    }

    @Test func aChartIsANewFileAndKnownToBePossibleBeforeAnythingElse() async throws {
        let (line, compare) = try await prepare()
        let outcome = try await line.run(compare + ["--plot", line.path("latency.svg")])
        #expect(outcome.status == 0, "\(outcome)")
        let svg = try line.read("latency.svg")
        #expect(XMLParser(data: Data(svg)).parse())
        for (path, status) in [(line.path("latency.svg"), 68), (line.path("nowhere/a.svg"), 73)] {
            let refused = try await line.run(compare + ["--plot", path, "--trace", line.path("trace-\(status)")])
            #expect(refused.status == Int32(status))
            #expect(refused.output.isEmpty)
            #expect(try String(decoding: line.read("trace-\(status)"), as: UTF8.self).split(separator: "\n").count == 1)
        }
        #expect(try line.read("latency.svg") == svg)
    }

    @Test func aBackendFromElsewhereIsComparedLikeAnyOther() async throws {
        let line = try CommandLine()
        mkdir(line.path("plugins"), 0o755)
        try await line.tool("cp", "\(BuildFolder.path)/libSamplePlugin.so", line.path("plugins/libkeystore-sample.so"))
        // Its keys live as long as a process, and the program's own has none: it says so of the first path.
        let paths = ["sample:token=compared;object=k", "sample:token=compared"]
        let outcome = try await line.run(["compare", "--plugin-path", line.path("plugins"), "--json"] + paths)
        #expect(outcome.status == 66)
        #expect((outcome.jsonError?["message"] as? String)?.hasPrefix("path 1 (sample): ") == true, "\(outcome)")

        let context = try CommandContext(try CommonOptions.parse(["--plugin-path", line.path("plugins")]))
        let references = try paths.map { try KeyStoreURI($0) }
        let session = try context.open(references[1]).openSession(SessionOptions(isWritable: true), pin: .none)
        _ = try session.generateKey(.ecP256, at: references[0])
        let comparison = Comparison(
            try ComparisonPath.all(references: references, backends: [], backend: nil), Comparison.Wishes(count: 4),
            ComparisonSecrets(pin: nil, passphrase: nil, mayAsk: false), in: context)
        let result = try comparison.run()
        #expect(result.findings.map(\.signatures.count) == [4, 4])
        #expect(result.findings.allSatisfy { $0.calls == nil && $0.publicKey == result.findings[0].publicKey })
        #expect(result.algorithm == .ecdsaP256SHA256)
    }
}
