import ChildProcess
import Crypto
import DevelopmentController
import Foundation
import Testing

/// `enroll` with every method and every way to give what it needs.
struct EnrollmentMethodTests {
    private static let password = "Throw-away-1"

    private func prepare(
        _ change: (inout Controller.Configuration) -> Void = { _ in }
    ) async throws -> (CommandLine, Controller) {
        var configuration = Controller.Configuration()
        change(&configuration)
        return (try CommandLine(), try await Controller.start(configuration))
    }

    @Test(arguments: ["ottca", "ca"], TestedStore.allCases)
    func aCertificateOfAThirdPartyEnrollsFromAFileOrBesideTheKey(_ method: String, _ store: TestedStore) async throws {
        let (line, key, make, use) = try await store.prepare()
        let controller = try await Controller.start()
        try await line.output(["generate", key] + make)
        let authority = try controller.addAuthority(name: "partner", pem: try await line.certify(key, use))
        let jwt =
            try method == "ca"
            ? controller.makeAuthorityJWT(authority)
            : controller.makeEnrollment(name: "ziggy", authority: authority).jwt
        line.write("ziggy.jwt", jwt, mode: 0o600)
        var arguments = ["enroll", "-j", "ziggy.jwt", "-k", key, "--json"] + use
        if method == "ca" {
            arguments += ["--cert", "ziggy.crt", "--name", "wanted"]
        } else {
            try await line.output(["certificate", "put", key, "--in", "ziggy.crt"] + use)
        }
        let enrolled = try await line.run(arguments)
        #expect(enrolled.status == 0, "\(enrolled)")
        #expect(try await line.run(["authenticate", "ziggy.json"] + use).status == 0)
        try await controller.shutdown()
    }

    @Test(arguments: ["pkcs12", "der", "long", "spaces", "mark", "glued"])
    func aCertificateIsTakenFromWhateverItsFileLooksLike(_ form: String) async throws {
        let (line, controller) = try await prepare()
        let key = line.file("key.pem")
        try await line.output(["generate", key, "--no-passphrase"])
        let authority = try controller.addAuthority(name: "partner", pem: try await line.certify(key))
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy", authority: authority).jwt)
        let text = String(decoding: try line.read("ziggy.crt"), as: UTF8.self)
        switch form {
        case "pkcs12":
            // As 'openssl pkcs12 -nodes' writes it: with a name that is not UTF-8, and the private key behind.
            let other = String(decoding: try line.read("ca.key"), as: UTF8.self)
            let name = Array("Bag Attributes\n    friendlyName: J".utf8) + [0xF6]
            line.write("ziggy.crt", name + Array("rg\n\(text)\(other)".utf8))
        case "glued":
            let authority = String(decoding: try line.read("ca.pem"), as: UTF8.self)
            line.write("ziggy.crt", text.trimmingCharacters(in: .newlines) + authority)
        case "mark": line.write("ziggy.crt", "\u{FEFF}\(text)")
        case "der":
            try await line.tool("openssl", "x509", "-in", "ziggy.crt", "-outform", "DER", "-out", "ziggy.der")
            line.write("ziggy.crt", try line.read("ziggy.der"))
        case "long":
            let body = text.split(separator: "\n").dropFirst().dropLast().joined()
            line.write("ziggy.crt", "-----BEGIN CERTIFICATE-----\r\n\(body)\r\n-----END CERTIFICATE-----\r\n")
        default: line.write("ziggy.crt", text.replacingOccurrences(of: "\n", with: "  \n"))
        }
        let enrolled = try await line.run(["enroll", "-j", "ziggy.jwt", "-k", key, "--cert", "ziggy.crt"])
        #expect(enrolled.status == 0, "\(enrolled)")
        try await line.output(["certificate", "put", key, "--in", "ziggy.crt"])
        try await controller.shutdown()
    }

    @Test(arguments: [
        "", "text", "-----BEGIN CERTIFICATE-----\nMAA=\n",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END PRIVATE KEY-----\n",
        "0 is how this text begins",
    ])
    func aFileWithoutACertificateIsRefusedBeforeAnythingIsSent(_ contents: String) async throws {
        let (line, controller) = try await prepare()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt)
        line.write("file.pem", contents)
        for option in ["--cert", "--ca"] {
            let outcome = try await line.run([
                "enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), option, "file.pem",
            ])
            #expect(outcome.status == 65, "\(outcome)")
            #expect(outcome.errorText.contains("file.pem"))
        }
        #expect(controller.requests.isEmpty)
        try await controller.shutdown()
    }

    @Test func aMethodThatNeedsAKeyIsAUsageErrorWithoutOne() async throws {
        let (line, controller) = try await prepare()
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt)
        let outcome = try await line.run(["enroll", "-j", "ziggy.jwt", "--json"])
        #expect(outcome.status == 64, "\(outcome)")
        #expect((outcome.jsonError?["hint"] as? String)?.contains("--key") == true)
        #expect(controller.requests.isEmpty)
        try await controller.shutdown()
    }

    // MARK: updb

    @Test(arguments: ["source", "fd", "env"])
    func aPasswordIsSetFromEachSource(_ source: String) async throws {
        let (line, controller) = try await prepare()
        line.write("user.jwt", try controller.makeEnrollment(name: "person", username: "ziggy").jwt)
        line.write("password", Self.password + "\n", mode: 0o600)
        let value = source == "source" ? "password" : source == "fd" ? "7" : "ZIGGY"
        let outcome = try await line.run(
            ["enroll", "-j", "user.jwt", "--username", "ziggy", "--password-\(source)", value],
            descriptors: source == "fd" ? [7: Self.password + "\n"] : [:],
            environment: source == "env" ? ["ZIGGY": Self.password] : [:])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.contains("user\tziggy\n"))
        let file = String(decoding: try line.read("user.json"), as: UTF8.self)
        for text in [file, outcome.outputText, outcome.errorText] { #expect(!text.contains(Self.password)) }
        try await controller.shutdown()
    }

    @Test func aPasswordIsAskedForTwiceOnATerminal() async throws {
        let (line, controller) = try await prepare()
        line.write("user.jwt", try controller.makeEnrollment(name: "person", username: "ziggy").jwt)
        func enroll(_ second: String) throws -> ProgramOutcome {
            let child = try line.program(["enroll", "-j", "user.jwt", "--username", "ziggy"]).start(onTerminal: true)
            try child.waitForOutput("New password for the user 'ziggy'")
            child.send("\(Self.password)\n")
            try child.waitForOutput("Again")
            child.send("\(second)\n")
            return try child.waitForEnd()
        }
        #expect(try enroll("other").status == 130)
        #expect(!line.exists("user.json"))
        let outcome = try enroll(Self.password)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(!outcome.outputText.contains(Self.password))
        try await controller.shutdown()
    }

    @Test func withoutATerminalAndASourceThePasswordIsMissingAndNothingSpent() async throws {
        let (line, controller) = try await prepare()
        line.write("user.jwt", try controller.makeEnrollment(name: "person", username: "ziggy").jwt)
        let outcome = try await line.run(["enroll", "-j", "user.jwt", "--non-interactive", "--json"])
        #expect(outcome.status == 77, "\(outcome)")
        #expect(outcome.jsonCode == "pinRequired")
        #expect(!line.exists("user.json") && !line.exists("user.json.enrolling"))
        try await controller.shutdown()
    }

    // MARK: token, network and addresses

    private func externalJWT(_ controller: Controller) throws -> String {
        let key = P256.Signing.PrivateKey()
        _ = try controller.addSigner(
            name: "login", issuer: "https://login.example.org", publicKeyPEM: key.publicKey.pemRepresentation)
        func text(_ data: Data) -> String {
            data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let claims =
            #"{"iss":"https://login.example.org","sub":"ziggy","exp":\#(Int(Date().timeIntervalSince1970) + 600)}"#
        let signed = text(Data(#"{"alg":"ES256","typ":"JWT"}"#.utf8)) + "." + text(Data(claims.utf8))
        return try signed + "." + text(key.signature(for: Data(signed.utf8)).rawRepresentation)
    }

    @Test(arguments: [true, false])
    func theHolderOfAnExternalJWTEnrollsAtAnAddress(_ hasKey: Bool) async throws {
        let (line, controller) = try await prepare { $0.version = "v2.0.3" }
        let jwt = try externalJWT(controller)
        line.write("token.jwt", jwt, mode: 0o600)
        line.write("ca.pem", controller.certificateAuthoritiesPEM)
        let key = hasKey ? ["-k", line.file("key.pem"), "--generate", "--no-passphrase"] : []
        let outcome = try await line.run(
            ["enroll", controller.url, "--ca", "ca.pem", "--external-jwt-source", "token.jwt", "-o", "ziggy.json"] + key
        )
        #expect(outcome.status == 0, "\(outcome)")
        let file = String(decoding: try line.read("ziggy.json"), as: UTF8.self)
        for text in [file, outcome.outputText, outcome.errorText] { #expect(!text.contains(jwt)) }
        if hasKey { #expect(try await line.output(["authenticate", "ziggy.json"]).contains("ziggy")) }
        try await controller.shutdown()
    }

    @Test func anOlderControllerIsNamedWithItsVersion() async throws {
        let (line, controller) = try await prepare()
        line.write("network.jwt", try controller.networkJWT)
        line.write("token.jwt", "e30.e30.e30", mode: 0o600)
        let outcome = try await line.run(
            ["enroll", "-j", "network.jwt", "--external-jwt-fd", "5", "--json"], descriptors: [5: "e30.e30.e30"])
        #expect(outcome.status == 65, "\(outcome)")
        #expect((outcome.jsonError?["message"] as? String)?.contains("v1.6.20") == true)
        try await controller.shutdown()
    }

    @Test func anAddressAloneGivesWhomToTrust() async throws {
        let (line, controller) = try await prepare()
        line.write("ca.pem", controller.certificateAuthoritiesPEM)
        let untrusted = try await line.run(["enroll", controller.url, "-o", "network.json", "--json"])
        #expect(untrusted.status == 69, "\(untrusted)")
        #expect(untrusted.jsonCode == "certificateNotTrusted")
        #expect((untrusted.jsonError?["hint"] as? String)?.contains("--ca") == true)
        let outcome = try await line.run(["enroll", "-j", controller.url, "--ca", "ca.pem", "-o", "network.json"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(String(decoding: try line.read("network.json"), as: UTF8.self).contains("BEGIN CERTIFICATE"))
        try await controller.shutdown()
    }

    // MARK: Inputs

    @Test func theTextOfAJWTIsTakenWithAWarningAndNeverRepeated() async throws {
        let (line, controller) = try await prepare()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let enrollment = try controller.makeEnrollment(name: "ziggy")
        let arguments = ["enroll", "-j", enrollment.jwt, "-k", line.file("key.pem")]
        let nameless = try await line.run(arguments)
        #expect(nameless.status == 64, "\(nameless)")
        let outcome = try await line.run(arguments + ["-o", "ziggy.json"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errorText.contains("where other users can see it"))
        let again = try await line.run(arguments + ["-o", "again.json", "--json"])
        #expect(again.status == 76)
        for text in [nameless.errorText, outcome.errorText, outcome.outputText, again.errorText] {
            #expect(!text.contains(enrollment.token) && !text.contains(enrollment.jwt))
        }
        try await controller.shutdown()
    }

    @Test func aProxyOfTheEnvironmentIsUsedAndItsPasswordNeverPrinted() async throws {
        let (line, controller) = try await prepare()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt)
        let arguments = ["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--json"]
        // Nothing listens on the port of a controller that has ended.
        let gone = try await Controller.start()
        try await gone.shutdown()
        let proxy = ["HTTPS_PROXY": "http://ziggy:hidden@127.0.0.1:\(gone.port)"]
        let refused = try await line.run(arguments, environment: proxy)
        #expect(refused.status == 69, "\(refused)")
        #expect((refused.jsonError?["message"] as? String)?.contains("proxy 127.0.0.1:\(gone.port)") == true)
        #expect(!refused.errorText.contains("hidden"))
        let excepted = try await line.run(arguments, environment: proxy.merging(["NO_PROXY": "localhost"]) { $1 })
        #expect(excepted.status == 0, "\(excepted)")
        try await controller.shutdown()
    }

    @Test func whatDoesNotGoWithTheMethodIsAUsageErrorAndSendsNothing() async throws {
        let (line, controller) = try await prepare()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        line.write("ziggy.jwt", try controller.makeEnrollment(name: "ziggy").jwt)
        line.write("network.jwt", try controller.networkJWT)
        line.write("cert.pem", controller.certificateAuthoritiesPEM)
        line.write("password", Self.password, mode: 0o600)
        for arguments in [
            ["-j", "ziggy.jwt", "-k", line.file("key.pem"), "--cert", "cert.pem"],
            ["-j", "ziggy.jwt", "-k", line.file("key.pem"), "--name", "x"],
            ["-j", "ziggy.jwt", "-k", line.file("key.pem"), "--username", "x", "--password-source", "password"],
            ["-j", "network.jwt", "-k", line.file("key.pem")],
        ] {
            let outcome = try await line.run(["enroll", "--json"] + arguments)
            #expect(outcome.status == 64, "\(arguments) \(outcome)")
        }
        #expect(controller.requests.isEmpty)
        try await controller.shutdown()
    }
}
