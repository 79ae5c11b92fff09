import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// `identity show`, `check`, `renew`, `roll` and `convert`, against a development controller over TLS.
struct IdentityCommandTests {
    /// Surroundings with a controller, and an identity that is enrolled in `ziggy.json`.
    private func enrolled(
        _ store: TestedStore = .plainFile, _ configuration: Controller.Configuration = .init(),
        with options: [String] = []
    ) async throws -> (line: CommandLine, controller: Controller, identity: String, use: [String]) {
        let (line, key, make, use) = try await store.prepare()
        let controller = try await Controller.start(configuration)
        let enrollment = try controller.makeEnrollment(name: "ziggy")
        line.write("ziggy.jwt", enrollment.jwt, mode: 0o600)
        try await line.output(["enroll", "-j", "ziggy.jwt", "-k", key, "--generate"] + make + options)
        return (line, controller, enrollment.identityID, use)
    }

    private func key(_ line: CommandLine, _ file: String = "ziggy.json") throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(try line.read(file))) as? [String: Any]
        return try #require((object?["id"] as? [String: Any])?["key"] as? String)
    }

    /// The findings of a check: verdicts by subject.
    private func verdicts(_ outcome: ProgramOutcome) -> [String: String] {
        var verdicts: [String: String] = [:]
        for row in outcome.outputText.split(separator: "\n") {
            let fields = row.split(separator: "\t")
            if fields.count > 2 { verdicts[String(fields[1])] = String(fields[0]) }
        }
        return verdicts
    }

    // MARK: Show

    @Test func showTellsWhatStandsInTheFileAndAsksNobody() async throws {
        let (line, controller, identity, _) = try await enrolled(.token, with: ["--sdk-compatible"])
        try await controller.shutdown()
        let requests = controller.requests.count
        let text = try await line.output(["identity", "show", "ziggy.json"])
        for word in [
            "identity\t\(identity)", "controller\t\(controller.url)", "valid until\t", "key type\tEC P-256", "pin=***",
            "warning\tthe file holds a PIN",
        ] {
            #expect(text.contains(word), "\(word) in \(text)")
        }
        let item = try await line.items("identity", ["identity", "show", "ziggy.json"])[0]
        #expect(item["identity"] as? String == identity)
        #expect(item["holdsSecret"] as? Bool == true)
        #expect((item["certificates"] as? [[String: Any]])?.count == 2)
        #expect(
            (item["findings"] as? [[String: Any]])?.compactMap { $0["check"] as? String } == [
                "file", "validity", "chain",
            ])
        #expect(controller.requests.count == requests)
    }

    // MARK: Check

    @Test(arguments: TestedStore.allCases)
    func checkPassesWhatWorks(_ store: TestedStore) async throws {
        let (line, controller, _, use) = try await enrolled(store)
        let outcome = try await line.run(["identity", "check", "ziggy.json"] + use)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(Set(verdicts(outcome).keys) == ["file", "validity", "chain", "key", "certificate", "controller"])
        #expect(verdicts(outcome).values.allSatisfy { $0 == "ok" })
        let offline = try await line.run(["identity", "check", "ziggy.json", "--offline"] + use)
        #expect(offline.status == 0)
        #expect(verdicts(offline)["controller"] == "skipped")
        try await controller.shutdown()
    }

    @Test func checkEndsWithTheStatusOfTheWorst() async throws {
        let (line, controller, _, _) = try await enrolled(.plainFile)
        let cases: [(status: Int32, failed: Set<String>, prepare: () throws -> Void)] = [
            (
                66, ["key"],
                { try FileManager.default.moveItem(atPath: line.path("key.pem"), toPath: line.path("away")) }
            ),
            (
                69, ["controller"],
                {
                    try FileManager.default.moveItem(atPath: line.path("away"), toPath: line.path("key.pem"))
                    controller.script(Fault(pathSuffix: "/authenticate", effect: .closeBeforeProcessing))
                }
            ),
            (
                76, ["controller"],
                {
                    controller.script(
                        Fault(pathSuffix: "/authenticate", effect: .answer(status: 401, headers: [], body: "{}")))
                }
            ),
        ]
        for (status, failed, prepare) in cases {
            try prepare()
            let outcome = try await line.run(["identity", "check", "ziggy.json"])
            #expect(outcome.status == status, "\(outcome)")
            #expect(Set(verdicts(outcome).filter { $0.value == "failed" }.keys) == failed)
            #expect(outcome.errorText.contains("error: "))
        }
        try await line.output(["generate", line.file("other.pem"), "--no-passphrase"])
        try FileManager.default.removeItem(atPath: line.path("key.pem"))
        try FileManager.default.moveItem(atPath: line.path("other.pem"), toPath: line.path("key.pem"))
        let other = try await line.run(["identity", "check", "ziggy.json", "--json"])
        #expect(other.status == 65, "\(other)")
        #expect(other.jsonCode == "identityInvalid")
        #expect(other.outputText.contains("\"check\":\"certificate\",\"verdict\":\"failed\""))
        try await controller.shutdown()
    }

    // MARK: Renew

    @Test(arguments: TestedStore.allCases)
    func renewReplacesTheCertificateAndKeepsTheKey(_ store: TestedStore) async throws {
        let (line, controller, identity, use) = try await enrolled(store)
        let before = try line.read("ziggy.json")
        let renewed = try await line.run(["identity", "renew", "ziggy.json", "--json"] + use)
        #expect(renewed.status == 0, "\(renewed)")
        for step in 1...11 { #expect(renewed.errorText.contains("[\(step)/12] ")) }
        let object = try JSONSerialization.jsonObject(with: Data(renewed.output)) as? [String: Any]
        let item = try #require((object?["identity"] as? [[String: Any]])?.first)
        #expect(item["identity"] as? String == identity)
        #expect(item["isRenewed"] as? Bool == true)
        #expect(item["oldKey"] is NSNull)
        #expect(try line.read("ziggy.json") != before)
        #expect(!line.exists("ziggy.json.next") && !line.exists("ziggy.json.renewing"))
        #expect(try await line.output(["authenticate", "ziggy.json"] + use).contains(identity))
        try await controller.shutdown()
    }

    @Test func renewIfDueSaysWhenItIs() async throws {
        let (line, controller, identity, _) = try await enrolled()
        let before = try line.read("ziggy.json")
        for span in ["30d", "720h", "2w", "60m", "1s"] {
            let outcome = try await line.run(["identity", "renew", "ziggy.json", "--if-due", span])
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.outputText.hasPrefix("not due until\t20"))
        }
        #expect(try line.read("ziggy.json") == before)
        let item = try await line.items("identity", ["identity", "renew", "ziggy.json", "--if-due", "30d"])[0]
        #expect(item["isRenewed"] as? Bool == false)
        #expect(item["dueAt"] is String)
        try controller.requestExtension(identityID: identity, rollsKey: true)
        let requested = try await line.run(["identity", "renew", "ziggy.json", "--if-due", "30d"])
        #expect(requested.status == 0 && requested.errorText.contains("identity roll"), "\(requested)")
        #expect(try line.read("ziggy.json") != before)
        try await controller.shutdown()
    }

    @Test func aRefusedRenewalEndsWithTheRefusalsStatusAndLeavesTheFile() async throws {
        let (line, controller, _, _) = try await enrolled()
        let before = try line.read("ziggy.json")
        controller.script(
            Fault(
                pathSuffix: "/extend",
                effect: .answer(
                    status: 409, headers: [],
                    body: #"{"error":{"code":"CAN_NOT_UPDATE_AUTHENTICATOR","message":"no"},"meta":{}}"#)))
        let outcome = try await line.run(["identity", "renew", "ziggy.json", "--json"])
        #expect(outcome.status == 76, "\(outcome)")
        #expect(outcome.jsonCode == "notRenewable")
        #expect(outcome.jsonError?["subject"] as? String == "ziggy.json")
        #expect((outcome.jsonError?["hint"] as? String)?.contains("authority") == true)
        #expect(try line.read("ziggy.json") == before)
        try await controller.shutdown()
    }

    // MARK: Roll

    @Test func aKeyRollsFromAFileIntoAToken() async throws {
        let (line, controller, identity, _) = try await enrolled(.plainFile)
        try await line.makeToken()
        let pin = ["--to-pin-source", line.path("pin")]
        let roll = ["identity", "roll", "ziggy.json", "--to", "pkcs11:token=demo;object=ziggy", "--generate"] + pin
        let rolled = try await line.run(roll + ["--delete-old"])
        #expect(rolled.status == 0, "\(rolled)")
        #expect(rolled.outputText.contains("old key, deleted\tfile:"))
        #expect(try key(line).hasPrefix("pkcs11:"))
        #expect(!line.exists("key.pem"))
        let use = ["--pin-source", line.path("pin")]
        #expect(try await line.output(["authenticate", "ziggy.json"] + use).contains(identity))
        #expect(try await line.run(["identity", "check", "ziggy.json"] + use).status == 0)
        try await controller.shutdown()
    }

    @Test func aKeyRollsWithinATokenAndOutOfIt() async throws {
        let (line, controller, identity, use) = try await enrolled(.token)
        let first = try key(line)
        let second = try await line.run(
            [
                "identity", "roll", "ziggy.json", "--to", "pkcs11:token=demo;object=second", "--generate", "--kty",
                "RSA",
                "--size", "2048", "--to-pin-source", line.path("pin"), "--json",
            ] + use)
        #expect(second.status == 0, "\(second)")
        #expect(second.outputText.contains("\"isOldKeyDeleted\":false"))
        #expect(try key(line) != first)
        #expect(
            try await line.output(["list", "pkcs11:token=demo", "--only-uris"] + use).split(separator: "\n").count == 2)
        let third = try await line.run(
            [
                "identity", "roll", "ziggy.json", "--to", line.file("out.pem"), "--generate", "--to-passphrase-source",
                line.path("passphrase"), "--delete-old",
            ] + use)
        #expect(third.status == 0, "\(third)")
        #expect(try key(line) == line.file("out.pem"))
        #expect(
            try await line.output(["list", "pkcs11:token=demo", "--only-uris"] + use).split(separator: "\n").count == 1)
        let login = ["authenticate", "ziggy.json", "--passphrase-source", line.path("passphrase")]
        #expect(try await line.output(login).contains(identity))
        try await controller.shutdown()
    }

    @Test func aPINGoesToNoTokenThatItIsNotFor() async throws {
        let (line, controller, _, use) = try await enrolled(.token)
        try await line.makeToken("other")
        let outcome = try await line.run(
            [
                "identity", "roll", "ziggy.json", "--to", "pkcs11:token=other;object=a", "--generate",
                "--non-interactive",
                "--json",
            ] + use)
        #expect(outcome.status == 77, "\(outcome)")
        #expect(outcome.jsonCode == "pinRequired")
        #expect(controller.requests.allSatisfy { !$0.path.hasSuffix("/extend") })
        try await controller.shutdown()
    }

    // MARK: Convert

    @Test func anIdentityIsConvertedThereAndBack() async throws {
        let (line, controller, identity, use) = try await enrolled(.token)
        let native = try key(line)
        let plain = try await line.run(["identity", "convert", "ziggy.json", "--to", "go-sdk", "-o", "go.json"] + use)
        #expect(plain.status == 0 && plain.errorText.contains("--include-secrets"), "\(plain)")
        #expect(try key(line, "go.json").hasPrefix("pkcs11:///"))
        #expect(try !key(line, "go.json").contains("pin="))
        try await line.output(
            ["identity", "convert", "ziggy.json", "--to", "c-sdk", "--include-pin", "-o", "c.json"] + use)
        #expect(try key(line, "c.json").contains("pin=\(CommandLine.pin)"))
        let c = String(decoding: try line.read("c.json"), as: UTF8.self)
        #expect(!c.contains("pem:") && !c.contains("/edge/client/v1"))
        var status = stat()
        #expect(stat(line.path("c.json"), &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try await line.output(["authenticate", "c.json"]).contains(identity))
        try await line.output(["identity", "convert", "c.json", "--to", "native", "-o", "back.json"])
        #expect(try key(line, "back.json") == native)
        let again = try await line.run(["identity", "convert", "c.json", "--to", "native", "-o", "back.json", "--json"])
        #expect(again.status == 68 && again.jsonCode == "outputExists")
        try await controller.shutdown()
    }

    @Test func aPrivateKeyInTheFileIsImportedIntoAStoreOrRefused() async throws {
        let (line, controller, identity, _) = try await enrolled(.plainFile, with: ["--sdk-compatible"])
        #expect(try key(line).contains("PRIVATE KEY"))
        let refused = try await line.run([
            "identity", "convert", "ziggy.json", "--to", "native", "-o", "a.json", "--json",
        ])
        #expect(refused.status == 65 && refused.jsonCode == "identityInvalid", "\(refused)")
        #expect((refused.jsonError?["hint"] as? String)?.contains("--import") == true)
        #expect(!refused.description.contains("BEGIN"))
        try await line.makeToken()
        let use = ["--pin-source", line.path("pin")]
        let imported = try await line.run(
            [
                "identity", "convert", "ziggy.json", "--to", "native", "--import", "pkcs11:token=demo;object=taken",
                "-o",
                "a.json",
            ] + use)
        #expect(imported.status == 0 && imported.errorText.contains("still holds the private key"), "\(imported)")
        #expect(try key(line, "a.json").hasPrefix("pkcs11:"))
        #expect(try await line.output(["authenticate", "a.json"] + use).contains(identity))
        let go = try await line.output(["identity", "convert", "ziggy.json", "--to", "go-sdk"])
        #expect(go.contains("pem:-----BEGIN"))
        try await controller.shutdown()
    }

    @Test(arguments: [
        ["show"], ["check"], ["renew"], ["roll", "--to", "file:new.pem"], ["convert", "--to", "native"],
    ])
    func aFileThatIsNoIdentityIsBadData(_ command: [String]) async throws {
        let line = try CommandLine()
        let outcome = try await line.run(
            ["identity", command[0], "message"] + command.dropFirst() + ["--timeout", "60"])
        #expect(outcome.status == 65, "\(outcome)")
    }
}
