import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// `enroll --batch` against a development controller, over TLS.
struct BatchCommandTests {
    @Test(arguments: [
        ["-j", "a.jwt"], ["-k", "file:a"], ["-o", "a.json"], ["--cert", "c.pem"], ["--rm"], ["--fallback", "file:f"],
        ["--jobs", "0"], ["--jobs", "257"], ["--jobs", "many"], ["--shard", "0/2"], ["--shard", "3/2"],
        ["--shard", "x"],
        ["--batch", "manifest.txt"],
    ])
    func whatDoesNotGoWithABatchIsAUsageError(_ arguments: [String]) async throws {
        let line = try CommandLine()
        line.write("m.csv", "jwt,key,out\n")
        let outcome = try await line.run(["enroll", "--batch", "m.csv"] + arguments + ["--json"])
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.output.isEmpty)
    }

    @Test(arguments: [["--jobs", "2"], ["--shard", "1/2"]])
    func jobsAndShardsGoWithABatchOnly(_ arguments: [String]) async throws {
        let outcome = try await CommandLine().run(["enroll", "-j", "a.jwt", "-k", "file:a"] + arguments)
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.errorText.contains("'--batch'"))
    }

    @Test func aWrongHeaderIsAUsageErrorAndNothingIsDone() async throws {
        let place = try await BatchPlace()
        try place.makeJWT("a")
        place.writeManifest(["a.jwt,file:keys/a.pem,out/a.json"], header: "jwt,key,output")
        let outcome = try await place.line.run(BatchPlace.arguments + ["--json"])
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.jsonCode == "usage")
        #expect(place.controller.requests.isEmpty)
        let missing = try await place.line.run(["enroll", "--batch", "none.csv", "--json"])
        #expect(missing.status == 65 && missing.jsonCode == "readFailed", "\(missing)")
    }

    @Test func keyFilesAndTokensEnrollInOneRunWithOneLoginAndAreNotRepeated() async throws {
        let place = try await BatchPlace()
        try await place.line.makeToken()
        let names = (0..<8).map { "device-\($0)" }
        try place.makeManifest(names) {
            $0 % 2 == 0 ? "file:keys/\($0).pem" : "pkcs11:token=demo;object=key-\($0)"
        }
        let trace = place.line.path("trace")
        let first = try await place.run(["--pin-source", "pin", "--trace", trace])
        #expect(first.statuses == [String](repeating: "enrolled", count: 8))
        #expect(first.lines == Array(2...9))
        #expect(first.count("enrolled") == 8 && first.count("failed") == 0)
        #expect(first.count("peakMemoryKilobytes") > 1000)
        #expect(try place.loginCount("trace") == 1)

        let second = try await place.run()
        #expect(second.statuses == [String](repeating: "alreadyDone", count: 8))
        #expect(place.redemptionCount == 8)
        #expect(
            second.items.compactMap { $0["identity"] as? String }.sorted()
                == first.items.compactMap { $0["identity"] as? String }.sorted())

        for name in names {
            let arguments = ["authenticate", "fleet/out/\(name).json", "--pin-source", "pin"]
            #expect(try await place.line.output(arguments).contains(name))
        }
        #expect(
            !FileManager.default.enumerator(atPath: place.line.path("fleet"))!.contains { "\($0)".hasSuffix("ing") })
    }

    @Test func oneBadRowStopsNothingElseAndEachSaysWhy() async throws {
        let place = try await BatchPlace()
        for name in ["a", "b", "c", "d", "e", "f"] { try place.makeJWT(name) }
        place.line.write("fleet/bad.jwt", "nonsense")
        let text = try place.controller.makeEnrollment(name: "text").jwt
        place.writeManifest([
            "a.jwt,file:keys/a.pem,out/a.json", "bad.jwt,file:keys/b.pem,out/bad.json",
            "\"b.jwt,file:keys/b.pem,out/b.json",
            "none.jwt,file:keys/n.pem,out/n.json", "c.jwt,nosuch:key,out/c.json",
            "d.jwt,file:keys/d.pem,nowhere/d.json",
            "\(text),file:keys/t.pem,out/t.json", "a.jwt,file:keys/again.pem,out/again.json",
            "e.jwt,not a reference,out/e.json",
            "f.jwt,file:keys/f.pem,out/f.json",
        ])
        let output = try await place.run(["--jobs", "1"], status: 76)
        #expect(
            output.statuses == [
                "enrolled", "failed", "failed", "failed", "failed", "failed", "enrolled", "failed", "failed",
                "enrolled",
            ])
        #expect(
            output.codes == [
                "jwtMalformed", "invalidData", "readFailed", "noSuchBackend", "outputNotWritable",
                "refusedByController",
                "invalidURI",
            ])
        #expect(output.messages[1].contains("line 4"))
        #expect(!output.outcome.outputText.contains(text))
        #expect(output.outcome.jsonCode == "batchIncomplete")
        let failures = try #require(output.report["failures"] as? [[String: Any]])
        #expect(failures.count == 7)
        #expect(failures.allSatisfy { $0["count"] as? Int == 1 })
    }

    @Test func aRowMaySayWhetherItsKeyIsMadeAndWhichKindItIs() async throws {
        let place = try await BatchPlace()
        for name in ["a", "b", "c", "d"] { try place.makeJWT(name) }
        try await place.line.output(["generate", place.line.file("fleet/keys/there.pem"), "--no-passphrase"])
        place.line.write(
            "fleet/m.jsonl",
            """
            {"jwt":"a.jwt","key":"file:keys/there.pem","out":"out/a.json"}
            {"jwt":"b.jwt","key":"file:keys/b.pem","out":"out/b.json","generate":true,"kty":"EC","crv":"P-384"}
            {"jwt":"c.jwt","key":"file:keys/c.pem","out":"out/c.json"}
            {"jwt":"d.jwt","key":"file:keys/there.pem","out":"out/d.json","crv":"P-384"}
            """)
        let outcome = try await place.line.run([
            "enroll", "--batch", place.line.path("fleet/m.jsonl"), "--no-passphrase", "--json",
        ])
        #expect(outcome.status == 66, "\(outcome)")
        let output = try BatchOutput(outcome)
        #expect(output.statuses == ["enrolled", "enrolled", "failed", "failed"])
        #expect(output.codes == ["noSuchKey", "invalidData"])
        let key = try await place.line.items("public", ["public", place.line.file("fleet/keys/b.pem")])
        #expect(key[0]["crv"] as? String == "P-384")
    }

    @Test func anOutputThatIsNotTheRowsOwnIsLeftAloneAndItsTokenUnspent() async throws {
        let place = try await BatchPlace()
        try place.makeManifest(["a", "b"]) { "file:keys/\($0).pem" }
        _ = try await place.run()
        try place.makeJWT("c")
        let other = try await Controller.start()
        place.line.write("fleet/other.jwt", try other.makeEnrollment(name: "other").jwt)
        place.line.write("fleet/out/text.json", "precious")
        place.writeManifest([
            "c.jwt,file:keys/0.pem,out/a.json", "a.jwt,file:keys/1.pem,out/a.json",
            "other.jwt,file:keys/0.pem,out/a.json",
            "c.jwt,file:keys/c.pem,out/text.json", "a.jwt,file:keys/none.pem,out/a.json",
        ])
        let before = try place.line.read("fleet/out/a.json")
        let output = try await place.run(status: 68)
        #expect(output.codes == [String](repeating: "outputExists", count: 5))
        for (message, reason) in zip(
            output.messages, ["another identity", "another key", "another controller", "no identity", "another key"])
        {
            #expect(message.contains(reason), "\(message)")
        }
        #expect(place.redemptionCount == 2 && other.requests.isEmpty)
        #expect(try place.line.read("fleet/out/a.json") == before)
        #expect(try place.line.read("fleet/out/text.json") == Array("precious".utf8))
        try await other.shutdown()
    }

    @Test(arguments: ["1", "2"])
    func ofTwoRowsWithOneOutputTheSecondFailsAndKeepsItsToken(_ jobs: String) async throws {
        let place = try await BatchPlace()
        for name in ["a", "b"] { try place.makeJWT(name) }
        place.writeManifest(["a.jwt,file:keys/a.pem,out/x.json", "b.jwt,file:keys/b.pem,out/x.json"])
        let output = try await place.run(["--jobs", jobs], status: jobs == "1" ? 68 : nil)
        #expect(output.statuses.sorted() == ["enrolled", "failed"])
        #expect(["outputExists", "enrollmentBusy"].contains(output.codes[0]), "\(output.outcome)")
        #expect(place.redemptionCount == 1)
        // The other one's token is good for an output of its own.
        let left = output.statuses[0] == "failed" ? "a" : "b"
        place.writeManifest(["\(left).jwt,file:keys/left.pem,out/left.json"])
        #expect(try await place.run().statuses == ["enrolled"])
    }

    @Test func theShardsOfAManifestAreItsRowsEachOnce() async throws {
        let place = try await BatchPlace()
        try place.makeManifest((0..<12).map { "device-\($0)" }) { "file:keys/\($0).pem" }
        var outs: [String] = []
        for index in 1...3 {
            let output = try await place.run(["--shard", "\(index)/3"])
            #expect(output.statuses.allSatisfy { $0 == "enrolled" })
            outs += output.outs
        }
        #expect(outs.sorted() == (0..<12).map { "out/device-\($0).json" }.sorted())
        #expect(try await place.run().statuses == [String](repeating: "alreadyDone", count: 12))
    }

    @Test func aWrongPINIsSentOnceAndNoOtherRowGetsToTheToken() async throws {
        let place = try await BatchPlace()
        for label in ["demo", "other"] { try await place.line.makeToken(label) }
        place.line.write("wrong", "wrong-99182\n", mode: 0o600)
        try place.makeManifest((0..<9).map { "device-\($0)" }) { number in
            switch number % 3 {
            case 0: "pkcs11:token=demo;object=key-\(number)"
            case 1: "pkcs11:token=demo;object=key-\(number)?module-path=/usr/lib/softhsm/libsofthsm2.so"
            default: "file:keys/\(number).pem"
            }
        }
        let output = try await place.run(
            ["--pin-source", "wrong", "--jobs", "4", "--trace", place.line.path("trace")], status: 77)
        #expect(output.codes == [String](repeating: "pinIncorrect", count: 6))
        #expect(output.count("enrolled") == 3)
        #expect(try place.loginCount("trace") == 1)
        // With the right one the same rows are done.
        let again = try await place.run(["--pin-source", "pin"])
        #expect(again.count("enrolled") == 6 && again.count("alreadyDone") == 3)
    }

    @Test func withoutAPINTheRowsOfATokenFailAndTheOthersDoNot() async throws {
        let place = try await BatchPlace()
        try await place.line.makeToken()
        try place.makeManifest(["a", "b", "c"]) {
            $0 == 1 ? "file:keys/\($0).pem" : "pkcs11:token=demo;object=key-\($0)"
        }
        let output = try await place.run(["--non-interactive"], status: 77)
        #expect(output.statuses == ["failed", "enrolled", "failed"])
        #expect(output.codes == ["pinRequired", "pinRequired"])
        #expect(place.redemptionCount == 1)
    }

    /// With key files: SoftHSM2 stumbles over objects of which a kill left it half.
    @Test func aRunThatWasKilledIsGoneOnWithByTheNext() async throws {
        let place = try await BatchPlace()
        let names = (0..<40).map { "device-\($0)" }
        try place.makeManifest(names) { "file:keys/\($0).pem" }
        let arguments = BatchPlace.arguments + ["--jobs", "4"]
        let child = try place.line.program(arguments).start()
        try child.waitForOutput("device-9")
        child.signal(SIGKILL)
        #expect(try child.waitForEnd().status == 128 + SIGKILL)

        let outcome = try await place.line.run(arguments + ["--json"])
        var output = try BatchOutput(outcome)
        #expect(output.count("alreadyDone") >= 1)
        // The one state that cannot be gone on with: the token was sent, and the answer not kept. Four rows were under way.
        let lost = output.items.filter { $0["status"] as? String == "failed" }
        #expect(outcome.status == (lost.isEmpty ? 0 : 75), "\(outcome)")
        #expect(lost.count <= 4 && output.codes.allSatisfy { $0 == "tokenSpent" }, "\(outcome)")
        for row in lost { try place.makeJWT(String(try #require(row["out"] as? String).dropFirst(4).dropLast(5))) }
        output = try BatchOutput(try await place.line.run(arguments + ["--json"]))
        #expect(output.count("alreadyDone") == 40 - lost.count && output.count("enrolled") == lost.count)
        let keys = try FileManager.default.contentsOfDirectory(atPath: place.line.path("fleet/keys"))
        #expect(keys.count { $0.hasSuffix(".pem") } == 40, "\(keys)")
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalEndsTheBatchWhereNothingIsLost(_ signal: Int32) async throws {
        let place = try await BatchPlace()
        let names = (0..<60).map { "device-\($0)" }
        try place.makeManifest(names) { "file:keys/\($0).pem" }
        let child = try place.line.program(BatchPlace.arguments + ["--jobs", "3"]).start()
        try child.waitForOutput("enrolled")
        child.signal(signal)
        let ended = try child.waitForEnd()
        #expect(ended.status == 130, "\(ended)")
        #expect(ended.errorText.contains("already done, 0 failed"))
        #expect(ended.errorText.contains("error: it was interrupted: "))
        let done = ended.outputText.split(separator: "\n").filter { $0.hasPrefix("enrolled\t") }.count
        #expect(done == place.redemptionCount, "an answer was lost: \(ended)")
        #expect((1..<60).contains(done))

        let output = try await place.run()
        #expect(output.count("alreadyDone") == done && output.count("enrolled") == 60 - done)
        #expect(place.redemptionCount == 60)
    }

    @Test func onATerminalThereIsABarAndOnlyFailuresHaveLines() async throws {
        let place = try await BatchPlace()
        try place.makeManifest(["a", "b", "c"]) { "file:keys/\($0).pem" }
        place.line.write("fleet/b.jwt", "nonsense")
        let child = try place.line.program(BatchPlace.arguments).start(onTerminal: true)
        let ended = try child.waitForEnd()
        #expect(ended.status == 65, "\(ended)")
        #expect(ended.outputText.contains("[#"))
        #expect(ended.outputText.contains("100 %  enrolled 2, already done 0, failed 1"))
        #expect(ended.outputText.contains("line 3, out/b.json: jwtMalformed: "))
        #expect(!ended.outputText.contains("enrolled\t"))
        #expect(ended.outputText.contains("2 enrolled, 0 already done, 1 failed, in "))
    }

    @Test(arguments: [CommandLine.pin, "wrong-99182"])
    func thePINIsAskedForOnce(_ pin: String) async throws {
        let place = try await BatchPlace()
        try await place.line.makeToken()
        try place.makeManifest((0..<5).map { "device-\($0)" }) { "pkcs11:token=demo;object=key-\($0)" }
        let child = try place.line.program(BatchPlace.arguments + ["--jobs", "4"]).start(onTerminal: true)
        try child.waitForOutput("PIN for demo")
        child.send("\(pin)\n")
        let ended = try child.waitForEnd()
        #expect(ended.status == (pin == CommandLine.pin ? 0 : 77), "\(ended)")
        #expect(ended.outputText.components(separatedBy: "PIN for demo").count == 2)
        #expect(!ended.outputText.contains(pin))
    }

    @Test func thePassphraseOfKeyFilesIsAskedForOnce() async throws {
        let place = try await BatchPlace()
        try place.makeManifest(["a", "b", "c"]) { "file:keys/\($0).pem" }
        let arguments = ["enroll", "--batch", "fleet/manifest.csv", "--generate", "--jobs", "3"]
        let child = try place.line.program(arguments).start(onTerminal: true)
        try child.waitForOutput("New passphrase")
        child.send("\(CommandLine.passphrase)\n")
        try child.waitForOutput("Again")
        child.send("\(CommandLine.passphrase)\n")
        let ended = try child.waitForEnd()
        #expect(ended.status == 0, "\(ended)")
        #expect(ended.outputText.components(separatedBy: "passphrase for").count == 2)
        try await place.line.output(["authenticate", "fleet/out/c.json", "--passphrase-source", "passphrase"])
    }

    @Test func controlCAtTheQuestionEndsTheBatch() async throws {
        let place = try await BatchPlace()
        try await place.line.makeToken()
        try place.makeManifest(["a", "b"]) { "pkcs11:token=demo;object=key-\($0)" }
        let child = try place.line.program(BatchPlace.arguments).start(onTerminal: true)
        try child.waitForOutput("PIN for demo")
        child.send("\u{3}")
        let ended = try child.waitForEnd()
        #expect(ended.status == 130, "\(ended)")
        #expect(ended.outputText.contains("0 failed, 2 interrupted"), "\(ended)")
        #expect(ended.outputText.components(separatedBy: "PIN for demo").count == 2)
        #expect(place.redemptionCount == 0)
    }

    @Test func identitiesForTheSDKsAreRecognisedAsDoneToo() async throws {
        let place = try await BatchPlace()
        try await place.line.makeToken()
        try place.makeManifest(["a", "b"]) { $0 == 0 ? "file:keys/a.pem" : "pkcs11:token=demo;object=b" }
        let arguments = ["--sdk-compatible", "--pin-source", "pin"]
        #expect(try await place.run(arguments).statuses == ["enrolled", "enrolled"])
        #expect(try await place.run(arguments).statuses == ["alreadyDone", "alreadyDone"])
        #expect(place.redemptionCount == 2)
    }
}
