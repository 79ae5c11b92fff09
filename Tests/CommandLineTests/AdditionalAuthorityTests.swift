import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// `enroll --ca` for a controller that does not serve the root that its own certificate leads to.
struct AdditionalAuthorityTests {
    /// What the controller serves as its authorities.
    enum Bundle: String, CaseIterable {
        /// Its intermediate, and no root.
        case withoutRoot
        /// Those of another network.
        case foreign

        /// The code of the refusal where nothing else is trusted.
        var refusal: String { self == .withoutRoot ? "caBundleInvalid" : "certificateNotTrusted" }
    }

    /// Surroundings with a controller, a JWT in `ziggy.jwt`, a key in `key.pem`, the controller's root in `root.pem`, and
    /// another one in `other.pem`.
    private func prepare() async throws -> (line: CommandLine, controller: Controller, arguments: [String]) {
        let line = try CommandLine()
        let controller = try await Controller.start()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt, mode: 0o600)
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let end = "-----END CERTIFICATE-----\n"
        let blocks = controller.certificateAuthoritiesPEM.components(separatedBy: end).filter { !$0.isEmpty }
        try #require(blocks.count == 2)
        line.write("intermediate.pem", blocks[0] + end)
        line.write("root.pem", blocks[1] + end)
        try await line.tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "other.key", "-out", "other.pem", "-days", "2", "-subj", "/CN=root-ca")
        return (line, controller, ["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--json"])
    }

    /// Lets the next answer with authorities be that bundle.
    private func serve(_ bundle: Bundle, _ line: CommandLine, _ controller: Controller) async throws {
        guard bundle == .withoutRoot else {
            controller.script(Fault(pathSuffix: "cacerts", effect: .serveForeignBundle))
            return
        }
        let bundle = try await line.tool(
            "openssl", "crl2pkcs7", "-nocrl", "-certfile", "intermediate.pem", "-outform", "DER")
        controller.script(
            Fault(
                pathSuffix: "cacerts",
                effect: .answer(
                    status: 200, headers: [("Content-Type", "application/pkcs7-mime")],
                    body: Data(bundle.output).base64EncodedString())))
    }

    @Test(arguments: Bundle.allCases)
    func theRootThatOnlyTheOperatorHasIsTrusted(_ bundle: Bundle) async throws {
        let (line, controller, arguments) = try await prepare()
        for extra in [[], ["--ca", "other.pem"]] {
            try await serve(bundle, line, controller)
            let refused = try await line.run(arguments + extra)
            #expect(refused.status == 69, "\(refused)")
            let isForeignToo = !extra.isEmpty
            #expect(refused.jsonCode == (isForeignToo ? "certificateNotTrusted" : bundle.refusal), "\(refused)")
            #expect(!line.exists("ziggy.json") && !line.exists("ziggy.json.enrolling"))
        }
        #expect(!controller.requests.contains { $0.method == "POST" }, "the token was sent to who is not trusted")

        try await serve(bundle, line, controller)
        let enrolled = try await line.run(arguments + ["--ca", "root.pem"])
        #expect(enrolled.status == 0, "\(enrolled)")
        // The identity trusts that root from now on, without being told again.
        #expect(try await line.output(["authenticate", "ziggy.json"]).contains("ziggy"))
        let shown = try await line.items("identity", ["identity", "show", "ziggy.json"])[0]
        let subjects = (shown["authorities"] as? [[String: Any]])?.compactMap { $0["subject"] as? String } ?? []
        #expect(subjects.contains { $0.hasPrefix("CN=root-ca,") })
        try await controller.shutdown()
    }

    @Test func aFileThatHoldsNoAuthorityIsRefusedAndNothingIsSpent() async throws {
        let (line, controller, arguments) = try await prepare()
        line.write("empty.pem", "")
        for (file, status) in [("message", 65), ("empty.pem", 65), ("key.pem", 65), ("absent.pem", 65)]
            as [(String, Int32)]
        {
            let outcome = try await line.run(arguments + ["--ca", file])
            #expect(outcome.status == status, "\(file): \(outcome)")
            #expect(outcome.errorText.contains(file) || outcome.errorText.contains("--ca"), "\(outcome)")
        }
        #expect(!controller.requests.contains { $0.method == "POST" })
        #expect(try await line.run(arguments).status == 0)
        try await controller.shutdown()
    }
}
