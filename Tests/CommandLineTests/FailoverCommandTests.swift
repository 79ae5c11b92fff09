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

    @Test(arguments: ["v2.1.0", "v2.0.3"])
    func theListOfControllersThatCameWithTheEnrollmentLeadsToThePeerOfOneThatEnded(_ version: String) async throws {
        let line = try CommandLine()
        var configuration = Controller.Configuration()
        configuration.version = version
        let issuer = try await Controller.start(configuration)
        configuration.peerOf = issuer
        let peer = try await Controller.start(configuration)
        try await enrolled(line, issuer)
        try await issuer.shutdown()
        let outcome = try await line.run(["authenticate", "ziggy.json"])
        let renewed = try await line.run(["identity", "renew", "ziggy.json"])
        // Before 2.1 no answer tells of the others.
        if version == "v2.0.3" {
            #expect(outcome.status == 69, "\(outcome)")
            #expect(renewed.status == 69, "\(renewed)")
            #expect(peer.requests.isEmpty)
        } else {
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.outputText.contains("controller\t\(peer.url)\n"))
            #expect(outcome.errorText.contains("warning: passed over a controller: "))
            #expect(outcome.errorText.contains(issuer.url))
            #expect(renewed.status == 0, "\(renewed)")
            #expect(try await line.output(["identity", "show", "ziggy.json"]).contains(peer.url))
            let second = try await line.run(["authenticate", "ziggy.json"])
            #expect(second.status == 0, "\(second)")
        }
        try await peer.shutdown()
    }

    @Test func anEnrollmentItselfIsForTheIssuerAlone() async throws {
        let line = try CommandLine()
        var configuration = Controller.Configuration()
        configuration.version = "v2.1.0"
        let issuer = try await Controller.start(configuration)
        configuration.peerOf = issuer
        let peer = try await Controller.start(configuration)
        line.write("ziggy.jwt", try issuer.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        try await issuer.shutdown()
        let outcome = try await line.run([
            "enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--generate", "--no-passphrase", "--json",
        ])
        #expect(outcome.status == 69 && outcome.jsonCode == "controllerUnreachable", "\(outcome)")
        #expect(peer.requests.isEmpty)
        try await peer.shutdown()
    }
}
