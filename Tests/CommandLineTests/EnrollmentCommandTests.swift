import ChildProcess
import DevelopmentController
import Foundation
import Testing

/// `enroll` and `authenticate` against a development controller, over TLS.
struct EnrollmentCommandTests {
    /// Surroundings with a controller and the JWT of a new identity in `ziggy.jwt`.
    private func prepare(
        _ change: (inout JWTContents) -> Void = { _ in }
    ) async throws -> (line: CommandLine, controller: Controller, identity: String) {
        let line = try CommandLine()
        let controller = try await Controller.start()
        let enrollment = try controller.makeEnrollment(name: "ziggy")
        line.write("ziggy.jwt", try controller.makeJWT(for: enrollment, changing: change), mode: 0o600)
        return (line, controller, enrollment.identityID)
    }

    /// How often a client tried to redeem a token.
    private func redemptions(_ controller: Controller) -> Int {
        controller.requests.filter { $0.path.hasSuffix("/enroll") || $0.path.hasSuffix("/enroll/ott") }.count
    }

    @Test(arguments: TestedStore.allCases)
    func anIdentityIsEnrolledAndLogsInWithItsKeyWhereItIs(_ store: TestedStore) async throws {
        let (line, key, make, use) = try await store.prepare()
        let controller = try await Controller.start()
        let enrollment = try controller.makeEnrollment(name: "ziggy")
        line.write("ziggy.jwt", enrollment.jwt + "\n", mode: 0o600)

        let enrolled = try await line.run(["enroll", "-j", "ziggy.jwt", "-k", key, "--generate", "--json"] + make)
        #expect(enrolled.status == 0, "\(enrolled)")
        for step in 1...10 { #expect(enrolled.errorText.contains("[\(step)/10] ")) }
        let lines = enrolled.errorText.split(separator: "\n").filter { !$0.hasPrefix("warning: ") }
        #expect(Set(lines).count == lines.count, "something is told twice")
        let object = try JSONSerialization.jsonObject(with: Data(enrolled.output)) as? [String: Any]
        #expect(object?["format"] as? Int == 1)
        let item = try #require((object?["enroll"] as? [[String: Any]])?.first)
        #expect(
            Set(item.keys) == [
                "uri", "type", "kty", "crv", "size", "identity", "controller", "method", "username", "out",
                "isKeyGenerated",
                "fallbackReason",
                "certificateExpiry", "algorithms", "isCertificateStored", "attestation", "isResumed",
            ])
        #expect(item["identity"] as? String == enrollment.identityID)
        #expect(item["isKeyGenerated"] as? Bool == true)
        let expiry = try #require(item["certificateExpiry"] as? String)
        #expect(ISO8601DateFormatter().date(from: expiry) != nil)

        var status = stat()
        #expect(stat(line.path("ziggy.json"), &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(line.exists("ziggy.jwt"))
        let identity = String(decoding: try line.read("ziggy.json"), as: UTF8.self)
        #expect(!identity.contains(CommandLine.pin) && !identity.contains("PRIVATE KEY"))

        let items = try await line.items("authenticate", ["authenticate", "ziggy.json"] + use)
        #expect(
            Set(items[0].keys) == [
                "uri", "identity", "name", "controller", "apiSession", "expiresAt", "authenticator",
                "isRenewalRequested",
                "tls", "alg", "isLoggedOut",
            ])
        #expect(items[0]["name"] as? String == "ziggy")
        #expect(items[0]["identity"] as? String == enrollment.identityID)
        #expect(controller.apiSessions.map(\.identityName) == ["ziggy"])
        #expect(
            try await line.output(["authenticate", "ziggy.json"] + use).contains("ziggy (\(enrollment.identityID))"))
        try await controller.shutdown()
    }

    @Test func theJWTsFileMayStandWithoutItsOption() async throws {
        let (line, controller, identity) = try await prepare()
        let outcome = try await line.run([
            "enroll", "ziggy.jwt", "-k", line.file("key.pem"), "--generate", "--no-passphrase", "--rm",
        ])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.contains(identity))
        #expect(line.exists("ziggy.json") && !line.exists("ziggy.jwt"))
        try await controller.shutdown()
    }

    @Test func theHSMQuickstartOfOpenZitisDocumentationWorksLiterally() async throws {
        let (line, controller, _) = try await prepare()
        try await line.makeToken("ziggy")
        let module = "/usr/lib/softhsm/libsofthsm2.so"
        let type = ["01": "rsa:2048", "02": "EC:prime256v1"]
        for id in ["01", "02"] {
            var make = try Program.system(
                "pkcs11-tool",
                [
                    "--module", module, "--token-label", "ziggy", "--login", "--pin", CommandLine.pin, "-k",
                    "--key-type",
                    type[id] ?? "", "--id", id, "--label", "key \(id)", "--usage-sign",
                ])
            make.environment["SOFTHSM2_CONF"] = line.path("softhsm2.conf")
            let made = try await make.run()
            try #require(made.status == 0, "\(made)")
            line.write("\(id).jwt", try controller.makeEnrollment(name: "key \(id)").jwt, mode: 0o600)
            let enrolled = try await line.run([
                "enroll", "-j", "\(id).jwt", "-k", "pkcs11://\(module)?id=\(id)&pin=\(CommandLine.pin)",
            ])
            #expect(enrolled.status == 0, "\(enrolled)")
            #expect(enrolled.errorText.contains("warning: "))
            let identity = String(decoding: try line.read("\(id).json"), as: UTF8.self)
            #expect(!identity.contains(CommandLine.pin))
            #expect(
                try await line.run(["authenticate", "\(id).json", "--pin-source", line.path("pin")]).status == 0)
        }
        #expect(controller.apiSessions.map(\.identityName) == ["key 01", "key 02"])
        try await controller.shutdown()
    }

    @Test func anSDKCompatibleIdentityHoldsThePINWithAWarningAndStillLogsIn() async throws {
        let (line, controller, _) = try await prepare()
        try await line.makeToken()
        let enrolled = try await line.run([
            "enroll", "-j", "ziggy.jwt", "-k", "pkcs11:token=demo;object=ziggy", "--generate", "--sdk-compatible",
            "--pin-source", line.path("pin"),
        ])
        #expect(enrolled.status == 0, "\(enrolled)")
        #expect(enrolled.errorText.contains("warning: "))
        let object = try JSONSerialization.jsonObject(with: Data(try line.read("ziggy.json"))) as? [String: Any]
        let key = try #require((object?["id"] as? [String: Any])?["key"] as? String)
        #expect(key.hasPrefix("pkcs11://"))
        #expect(key.contains("pin=\(CommandLine.pin)"))
        let authenticated = try await line.run(["authenticate", "ziggy.json"])
        #expect(authenticated.status == 0, "\(authenticated)")
        try await controller.shutdown()
    }

    @Test func anIdentityThatHoldsTheKeyItselfIsReportedAsThat() async throws {
        let (line, controller, _) = try await prepare()
        let enrolled = try await line.run([
            "enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--generate", "--no-passphrase",
            "--sdk-compatible",
        ])
        #expect(enrolled.status == 0, "\(enrolled)")
        let outcome = try await line.run(["authenticate", "ziggy.json", "--json"])
        #expect(outcome.status == 65)
        #expect((outcome.jsonError?["message"] as? String)?.contains("private key itself") == true)
        #expect(!outcome.errorText.contains("BEGIN"))
        try await controller.shutdown()
    }

    @Test func anEncryptedKeyFileIsRefusedForTheSDKsBeforeTheTokenIsSpent() async throws {
        let (line, controller, _) = try await prepare()
        let outcome = try await line.run([
            "enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--generate", "--sdk-compatible",
            "--passphrase-source",
            line.path("passphrase"), "--json",
        ])
        #expect(outcome.status == 77 || outcome.status == 69, "\(outcome)")
        #expect(redemptions(controller) == 0)
        try await controller.shutdown()
    }

    @Test func theOutputIsWhereItIsWantedAndTheJWTIsRemovedOnlyIfAsked() async throws {
        let (line, controller, _) = try await prepare()
        let text = String(decoding: try line.read("ziggy.jwt"), as: UTF8.self)
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let enrolled = try await line.run(
            ["enroll", "--jwt", "-", "--key", line.file("key.pem"), "--out", "other.json"], input: text)
        #expect(enrolled.status == 0, "\(enrolled)")
        #expect(line.exists("other.json"))
        let second = try controller.makeEnrollment(name: "second")
        line.write("second.jwt", second.jwt)
        #expect(try await line.run(["enroll", "-j", "second.jwt", "-k", line.file("key.pem"), "--rm"]).status == 0)
        #expect(line.exists("second.json") && !line.exists("second.jwt"))
        try await controller.shutdown()
    }

    @Test func aJWTThatIsNoneOrNotForThisIsBadData() async throws {
        let (line, controller, _) = try await prepare()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let enrollment = try controller.makeEnrollment(name: "other")
        func jwt(_ change: (inout JWTContents) -> Void) throws -> String {
            try controller.makeJWT(for: enrollment, changing: change)
        }
        let texts = [
            ("jwtMalformed", "nonsense"), ("jwtMalformed", ""),
            ("jwtExpired", try jwt { $0.expiresAt = Date(timeIntervalSinceNow: -3600) }),
            ("methodUnsupported", try jwt { $0.method = "erott" }),
            ("jwtSignatureInvalid", try jwt { $0.isSignedByServer = false }),
        ]
        for (code, text) in texts {
            line.write("bad.jwt", text)
            let outcome = try await line.run(["enroll", "-j", "bad.jwt", "-k", line.file("key.pem"), "--rm", "--json"])
            #expect(outcome.status == 65, "\(code) \(outcome)")
            #expect(outcome.jsonCode == code)
            #expect(outcome.jsonError?["subject"] as? String == "bad.jwt")
            #expect((outcome.jsonError?["operation"] as? String)?.isEmpty == false)
            #expect(line.exists("bad.jwt") && !line.exists("bad.json"))
        }
        let noKey = try await line.run(["enroll", "-j", "ziggy.jwt", "-k", line.file("no.pem"), "--json"])
        #expect(noKey.status == 66)
        #expect((noKey.jsonError?["hint"] as? String)?.contains("--generate") == true)
        let absent = try await line.run(["enroll", "-j", "none.jwt", "-k", line.file("key.pem"), "--json"])
        #expect(absent.status == 65)
        #expect(redemptions(controller) == 0)
        try await controller.shutdown()
    }

    @Test func aTokenThatWasUsedIsRefusedByTheController() async throws {
        let (line, controller, _) = try await prepare()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let arguments = ["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--json", "-o"]
        #expect(try await line.run(arguments + ["a.json"]).status == 0)
        let outcome = try await line.run(arguments + ["b.json"])
        #expect(outcome.status == 76, "\(outcome)")
        #expect(outcome.jsonCode == "refusedByController")
        #expect((outcome.jsonError?["message"] as? String)?.contains("INVALID_ENROLLMENT_TOKEN") == true)
        try await controller.shutdown()
    }

    @Test func anAnswerThatIsLostEndsWith75() async throws {
        let (line, controller, _) = try await prepare()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        controller.script(Fault(pathSuffix: "/enroll", effect: .closeAfterProcessing))
        let arguments = ["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--json"]
        let first = try await line.run(arguments)
        #expect(first.status == 75, "\(first)")
        let again = try await line.run(arguments)
        #expect(again.status == 75, "\(again)")
        #expect(again.jsonCode == "tokenSpent")
        try await controller.shutdown()
    }

    @Test func nothingIsSpentWhereTheOutputCannotBeWritten() async throws {
        let (line, controller, _) = try await prepare()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        line.write("there.json", "precious")
        let arguments = ["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem"), "--json", "-o"]
        let exists = try await line.run(arguments + ["there.json"])
        #expect(exists.status == 68, "\(exists)")
        #expect(exists.jsonCode == "outputExists")
        #expect(try line.read("there.json") == Array("precious".utf8))
        let nowhere = try await line.run(arguments + ["nowhere/out.json"])
        #expect(nowhere.status == 73, "\(nowhere)")
        #expect(nowhere.jsonCode == "outputNotWritable")
        #expect(redemptions(controller) == 0)
        try await controller.shutdown()
    }

    @Test func nothingIsSpentWhereTheKeyCannotBeUsed() async throws {
        let (line, controller, _) = try await prepare()
        try await line.makeToken()
        line.write("wrong", "wrong-99182\n", mode: 0o600)
        line.write("c.pem", controller.certificateAuthoritiesPEM)
        try await line.output(["generate", "pkcs11:token=demo;object=there", "--pin-source", line.path("pin")])
        let pin = ["--pin-source", line.path("pin")]
        for (arguments, status, code) in [
            (["-k", "pkcs11:token=demo;object=none"] + pin, 66, "noSuchKey"),
            (["-k", "pkcs11:token=none;object=there"] + pin, 66, "noSuchToken"),
            (["-k", "pkcs11:token=demo;object=there", "--generate"] + pin, 68, "keyExists"),
            (["-k", "pkcs11:token=demo;object=there", "--pin-source", line.path("wrong")], 77, "pinIncorrect"),
            (["-k", "pkcs11:token=demo;object=there", "--non-interactive"], 77, "pinRequired"),
            (["-k", "pkcs11:tokn=demo"], 64, "invalidURI"), (["-k", "nosuch:key"], 78, "noSuchBackend"),
            (["-k", "pkcs11:token=demo;object=there", "--cert", "c.pem"] + pin, 64, "usage"),
        ] {
            let outcome = try await line.run(["enroll", "-j", "ziggy.jwt", "--json"] + arguments)
            #expect(outcome.status == status, "\(arguments) \(outcome)")
            #expect(outcome.jsonCode == code)
            #expect(!line.exists("ziggy.json"))
        }
        #expect(redemptions(controller) == 0)
        // And after all that the same token still enrolls.
        let enrolled = try await line.run(["enroll", "-j", "ziggy.jwt", "-k", "pkcs11:token=demo;object=there"] + pin)
        #expect(enrolled.status == 0, "\(enrolled)")
        try await controller.shutdown()
    }

    @Test func theFallbackIsUsedForAnAbsentTokenOnlyAndSaysSo() async throws {
        let (line, controller, _) = try await prepare()
        try await line.makeToken()
        line.write("wrong", "wrong-99182\n", mode: 0o600)
        let fallback = ["--fallback", line.file("key.pem"), "--no-passphrase", "--json"]
        let wrong = try await line.run(
            [
                "enroll", "-j", "ziggy.jwt", "-k", "pkcs11:token=demo;object=a", "--generate", "--pin-source",
                line.path("wrong"),
            ]
                + fallback)
        #expect(wrong.status == 77, "\(wrong)")
        #expect(!line.exists("key.pem"))
        let absent = try await line.run(["enroll", "-j", "ziggy.jwt", "-k", "pkcs11:token=absent;object=a"] + fallback)
        #expect(absent.status == 0, "\(absent)")
        #expect(absent.errorText.contains("fallback"))
        #expect(absent.outputText.contains("\"fallbackReason\":\""))
        #expect(line.exists("key.pem"))
        try await controller.shutdown()
    }

    @Test func aControllerThatIsNotThereIsUnavailable() async throws {
        let (line, controller, _) = try await prepare()
        try await line.output(["generate", line.file("key.pem"), "--no-passphrase"])
        let second = try controller.makeEnrollment(name: "second")
        line.write("second.jwt", second.jwt)
        #expect(try await line.run(["enroll", "-j", "ziggy.jwt", "-k", line.file("key.pem")]).status == 0)
        try await controller.shutdown()
        let enroll = try await line.run(["enroll", "-j", "second.jwt", "-k", line.file("key.pem"), "--json"])
        #expect(enroll.status == 69, "\(enroll)")
        #expect(enroll.jsonCode == "controllerUnreachable")
        #expect(try await line.run(["authenticate", "ziggy.json"]).status == 69)
    }

    @Test func aLibraryThatAnIdentityFileNamesNeedsSomebodysWord() async throws {
        let (line, controller, _) = try await prepare()
        try await line.makeToken()
        try await line.tool("cp", "-L", "/usr/lib/softhsm/libsofthsm2.so", line.path("module.so"))
        let pin = ["--pin-source", line.path("pin")]
        let key = "pkcs11:token=demo;object=ziggy?module-path=\(line.path("module.so"))"
        let enrolled = try await line.run(["enroll", "-j", "ziggy.jwt", "-k", key, "--generate"] + pin)
        #expect(enrolled.status == 0, "\(enrolled)")
        // In this folder nobody but its owner can write, and that is root only where the tests run as root.
        if geteuid() != 0 {
            let outcome = try await line.run(["authenticate", "ziggy.json", "--json"] + pin)
            #expect(outcome.status == 78, "\(outcome)")
            #expect(outcome.jsonCode == "untrustedLibrary")
        } else {
            chown(line.path("module.so"), 65534, 65534)
            let outcome = try await line.run(["authenticate", "ziggy.json", "--json"] + pin)
            #expect(outcome.status == 78, "\(outcome)")
            #expect(outcome.jsonCode == "untrustedLibrary")
            chown(line.path("module.so"), 0, 0)
        }
        mkdir(line.path("config/ziti-keystore"), 0o700)
        line.write("config/ziti-keystore/config.json", "{\"modules\":[\"\(line.path("module.so"))\"]}", mode: 0o600)
        #expect(try await line.run(["authenticate", "ziggy.json"] + pin).status == 0)
        try await controller.shutdown()
    }

    @Test func anIdentityFileThatIsNoneIsBadData() async throws {
        let line = try CommandLine()
        for name in ["message", "none.json"] {
            let outcome = try await line.run(["authenticate", name, "--json"])
            #expect(outcome.status == 65)
            #expect(outcome.jsonCode == "identityInvalid")
            #expect(outcome.jsonError?["subject"] as? String == name)
            #expect((outcome.jsonError?["operation"] as? String)?.isEmpty == false)
        }
    }
}
