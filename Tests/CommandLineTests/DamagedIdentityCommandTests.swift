import DevelopmentController
import Foundation
import Testing

/// What the commands say to an identity file that somebody or something has damaged.
struct DamagedIdentityCommandTests {
    /// Surroundings with an identity in `ziggy.json`, and its file as JSON.
    private func enrolled() async throws -> (line: CommandLine, controller: Controller, object: [String: Any]) {
        let line = try CommandLine()
        let controller = try await Controller.start()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        try await line.output([
            "enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--generate", "--no-passphrase",
        ])
        let object = try JSONSerialization.jsonObject(with: Data(try line.read("ziggy.json"))) as? [String: Any]
        return (line, controller, try #require(object))
    }

    private func write(_ object: [String: Any], _ line: CommandLine) throws {
        line.write("bad.json", Array(try JSONSerialization.data(withJSONObject: object)), mode: 0o600)
    }

    @Test func eachFieldThatIsDamagedIsNamedByEveryCommand() async throws {
        let (line, controller, object) = try await enrolled()
        let requests = controller.requests.count
        let id = try #require(object["id"] as? [String: Any])
        func withID(_ name: String, _ value: Any?) -> [String: Any] {
            var (object, id) = (object, id)
            id[name] = value
            object["id"] = id
            return object
        }
        func with(_ name: String, _ value: Any?) -> [String: Any] {
            var object = object
            object[name] = value
            return object
        }
        let cases: [([String: Any], String)] = [
            (with("ztAPI", 7), "'ztAPI'"), (with("ztAPI", "http://ctrl"), "'ztAPI'"), (with("ztAPI", nil), "'ztAPI'"),
            (with("ztAPIs", "x"), "'ztAPIs'"), (with("ztAPIs", ["https://a", 7] as [Any]), "'ztAPIs[1]'"),
            (with("id", "x"), "'id'"), (withID("key", ["x"]), "'id.key'"), (withID("key", ""), "'id.key'"),
            (withID("cert", 7), "'id.cert'"), (withID("cert", "pem:x"), "'id.cert'"), (withID("ca", nil), "'id.ca'"),
            (withID("ca", "garbage"), "'id.ca'"),
            (with("zitiKeystore", ["algorithms": ["x"]]), "'zitiKeystore.algorithms[0]'"),
        ]
        let commands = [
            ["identity", "show"], ["identity", "check"], ["identity", "renew"],
            ["identity", "convert", "--to", "native", "-o", "out.json"], ["authenticate"],
        ]
        for (number, (object, word)) in cases.enumerated() {
            try write(object, line)
            // Every command reads with the same code: each field meets one of them, and `show`.
            for command in [commands[0], commands[number % commands.count]] {
                let outcome = try await line.run(command + ["bad.json", "--json"])
                #expect(outcome.status == 65, "\(command) \(word): \(outcome)")
                #expect(outcome.jsonCode == "identityInvalid")
                #expect((outcome.jsonError?["message"] as? String)?.contains(word) == true, "\(outcome)")
                #expect(outcome.jsonError?["subject"] as? String == "bad.json")
            }
        }
        #expect(controller.requests.count == requests, "somebody was asked")
        try await controller.shutdown()
    }

    @Test func aFileThatIsEmptyLongOrNestedIsRefusedInWords() async throws {
        let (line, controller, _) = try await enrolled()
        let text = String(decoding: try line.read("ziggy.json"), as: UTF8.self).dropLast()
        for (contents, words) in [
            ("", "is empty"), (text + String(repeating: " ", count: 10 << 20), "is longer than 1048576 bytes"),
            (
                text.dropLast() + ",\"deep\":" + String(repeating: "[", count: 100_000),
                "is nested more than 128 levels deep"
            ),
            (text.dropLast() + ",\"ztAPI\":\"https://evil:1280\"}", "has 'ztAPI' twice"),
            (text.dropLast(40), "is no JSON, or was cut short"),
        ] as [(any StringProtocol, String)] {
            line.write("bad.json", String(contents), mode: 0o600)
            for command in [["identity", "show"], ["authenticate"]] {
                let outcome = try await line.run(command + ["bad.json", "--json"])
                #expect(outcome.status == 65 && outcome.jsonCode == "identityInvalid", "\(words): \(outcome)")
                #expect(outcome.jsonError?["message"] as? String == "the identity file \(words)")
            }
        }
        try await controller.shutdown()
    }

    @Test func whatCannotBeUsedIsShownAsAProblem() async throws {
        let (line, controller, object) = try await enrolled()
        var changed = object
        var id = try #require(object["id"] as? [String: Any])
        id["key"] = "/plain/path.pem"
        changed["id"] = id
        changed["ztAPIs"] = ["http://insecure:1280"]
        try write(changed, line)
        let shown = try await line.output(["identity", "show", "bad.json"])
        #expect(shown.contains("problem\t'id.key' in the identity file is no key reference"), "\(shown)")
        #expect(shown.contains("warning\t'ztAPIs[0]' is no controller's address"), "\(shown)")
        let checked = try await line.run(["identity", "check", "bad.json"])
        #expect(checked.status == 65, "\(checked)")
        #expect(checked.outputText.contains("failed\tkey\t'id.key'"), "\(checked)")
        #expect(checked.outputText.contains("skipped\tcontroller\t"))
        for command in [["authenticate"], ["identity", "renew"]] {
            let outcome = try await line.run(command + ["bad.json", "--json"])
            #expect(outcome.status == 65 && outcome.jsonCode == "identityInvalid", "\(outcome)")
            #expect((outcome.jsonError?["message"] as? String)?.contains("'id.key'") == true)
        }
        try await controller.shutdown()
    }

    @Test func membersOfOtherProgramsSurviveARenewal() async throws {
        let (line, controller, object) = try await enrolled()
        var changed = object
        changed["enableHa"] = "a text"
        changed["theirs"] = ["a": [1, true, NSNull()]] as [String: Any]
        line.write("ziggy.json", Array(try JSONSerialization.data(withJSONObject: changed)), mode: 0o600)
        try await line.output(["identity", "renew", "ziggy.json"])
        let after = try JSONSerialization.jsonObject(with: Data(try line.read("ziggy.json"))) as? [String: Any]
        #expect(after?["enableHa"] as? String == "a text")
        #expect(after?["theirs"] as? NSDictionary == changed["theirs"] as? NSDictionary)
        try await controller.shutdown()
    }
}
