import DevelopmentController
import Foundation
import Testing

/// `authenticate` and `identity renew` with an identity file that names several controllers.
struct FailoverCommandTests {
    private func enrolled(_ line: CommandLine, _ controller: Controller) async throws {
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        let outcome = try await line.run([
            "enroll", "-j", "ziggy.jwt", "-k", "file:\(line.path("key.pem"))", "--generate", "--no-passphrase", "-o",
            "ziggy.json",
        ])
        try #require(outcome.status == 0, "\(outcome)")
    }

    private func setControllers(_ urls: [String], _ line: CommandLine) throws {
        var object = try #require(
            try JSONSerialization.jsonObject(with: Data(try line.read("ziggy.json"))) as? [String: Any])
        object["ztAPI"] = urls[0]
        object["ztAPIs"] = urls
        line.write(
            "ziggy.json", String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self),
            mode: 0o600)
    }

    @Test func theControllerThatAnsweredIsPrintedAndThoseBeforeItAreWarnedAbout() async throws {
        let line = try CommandLine()
        let gone = try await Controller.start()
        try await gone.shutdown()
        let controller = try await Controller.start()
        try await enrolled(line, controller)
        try setControllers([gone.url, controller.url], line)
        let outcome = try await line.run(["authenticate", "ziggy.json"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.contains("controller\t\(controller.url)\n"))
        #expect(outcome.errorText.contains("warning: passed over a controller: "))
        #expect(outcome.errorText.contains(gone.url))
        let renewed = try await line.run(["identity", "renew", "ziggy.json"])
        #expect(renewed.status == 0, "\(renewed)")
        try await controller.shutdown()
        let none = try await line.run(["authenticate", "ziggy.json"])
        #expect(none.status == 69)
        let notRenewed = try await line.run(["identity", "renew", "ziggy.json"])
        #expect(notRenewed.status == 69)
        for url in [gone.url, controller.url] {
            #expect(none.errorText.contains(url))
            #expect(notRenewed.errorText.contains(url))
        }
    }
}
