import TemporaryFiles
@testable import DevelopmentController
import Foundation
import Testing

/// What survives, what is spent, and who may read it.
struct StateTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = TemporaryFolder()
        try await body(folder.path("state"))
    }

    @Test func everythingSurvivesARestart() async throws {
        try await withFolder { folder in
            var endpoint = try Endpoint()
            var open: Enrollment?
            var session = ""
            var server: [UInt8] = []
            try await withController({ $0.folder = folder }) { controller in
                let enrolled = try await Endpoint.enrolled(at: controller)
                endpoint = enrolled.endpoint
                open = try controller.makeEnrollment(name: "later")
                let answer = try await endpoint.client(of: controller).send("POST /authenticate?method=cert")
                session = try #require(answer.header("zt-session"))
                server = controller.serverCertificateDER
            }
            try await withController({ $0.folder = folder }) { controller in
                #expect(controller.serverCertificateDER == server)
                #expect(controller.apiSessions.map(\.identityName) == ["ott-1"])
                let client = try endpoint.client(of: controller)
                #expect(try await client.send("GET /current-identity", [("zt-session", session)]).status == 200)
                #expect(try await client.send("POST /authenticate?method=cert").status == 200)
                var later = try Endpoint()
                try await later.enroll(try #require(open), at: RawClient(port: controller.port))
                #expect(try later.chain.count == 2)
            }
        }
    }

    @Test func whoElseVouchesForAClientSurvivesARestart() async throws {
        try await withFolder { folder in
            let (ca, signer) = (try ThirdParty(), ExternalSigner())
            let json = [("Content-Type", "application/json")]
            let body = #"{"username":"person","password":"Throw-away-1"}"#
            var token = ""
            try await withController({ $0.folder = folder }) { controller in
                let id = try controller.addAuthority(name: "partner", pem: ca.pem)
                token = try controller.makeEnrollment(name: "later", authority: id).token
                _ = try controller.addSigner(
                    name: "login", issuer: signer.issuer, publicKeyPEM: signer.publicKeyPEM)
                let updb = try controller.makeEnrollment(name: "person", username: "person").token
                let set = try await RawClient(port: controller.port).send(
                    "POST /enroll?method=updb&token=\(updb)", json, body: body)
                #expect(set.status == 200)
            }
            for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where path.hasSuffix(".json") {
                let text = String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\(path)")), as: UTF8.self)
                #expect(!text.contains("Throw-away-1"), "\(path)")
            }
            try await withController({
                $0.folder = folder
                $0.version = "v2.0.3"
            }) { controller in
                let client = try ca.client(of: controller)
                let late = try await client.send(
                    "POST /enroll?method=ottca&token=\(token)", [("Content-Type", "text/plain")])
                #expect(late.status == 200)
                #expect(try await client.send("POST /authenticate?method=password", json, body: body).status == 200)
                let enrolled = try await client.send(
                    "POST /enroll/token", json + [("Authorization", signer.authorization("user"))], body: "{}")
                #expect(enrolled.status == 200)
            }
            try await withController({
                $0.folder = folder
                $0.version = "v2.0.3"
            }) { controller in
                let again = try await RawClient(port: controller.port).send(
                    "POST /enroll/token", json + [("Authorization", signer.authorization("user"))], body: "{}")
                #expect(again.status == 409)
            }
        }
    }

    @Test func aDeletedIdentityIsForgottenAndItsNameCanEnrollAnew() async throws {
        try await withFolder { folder in
            let signer = ExternalSigner()
            var old = try Endpoint()
            func enroll(_ controller: Controller) async throws -> Int? {
                try await RawClient(port: controller.port).send(
                    "POST /enroll/token",
                    [("Content-Type", "application/json"), ("Authorization", signer.authorization("ott-1"))], body: "{}"
                ).status
            }
            try await withController({
                $0.folder = folder
                $0.version = "v2.0.3"
            }) { controller in
                _ = try controller.addSigner(
                    name: "login", issuer: signer.issuer, publicKeyPEM: signer.publicKeyPEM)
                old = try await Endpoint.enrolled(at: controller).endpoint
                #expect(try await enroll(controller) == 200)
                let client = try old.client(of: controller)
                let session = try await client.send("POST /authenticate?method=cert").header("zt-session")
                for name in Set(["ott-1", "ott-1000001"]) { try controller.deleteIdentity(nameOrID: name) }
                #expect(throws: ControllerError.self) { try controller.deleteIdentity(nameOrID: "ott-1") }
                let headers = [("zt-session", try #require(session))]
                #expect(try await client.send("GET /current-identity", headers).status == 401)
            }
            try await withController({
                $0.folder = folder
                $0.version = "v2.0.3"
            }) { controller in
                let client = try old.client(of: controller)
                #expect(try await client.send("POST /authenticate?method=cert").status == 401)
                #expect(try await enroll(controller) == 200)
            }
        }
    }

    @Test func aRestartTakesTheSamePortAgain() async throws {
        try await withFolder { folder in
            // Somebody else may take the port in between, but not five times.
            var isSame = false
            var last = 0
            for _ in 0..<6 where !isSame {
                try await withController({ $0.folder = folder }) { controller in
                    isSame = controller.port == last
                    last = controller.port
                }
            }
            #expect(isSame)
        }
    }

    @Test func aRestartTakesAnotherPortIfTheLastOneIsTaken() async throws {
        try await withFolder { folder in
            try await withController { other in
                try await withController({ $0.folder = folder }) { _ in }
                try Folder(folder).write(FolderSettings(host: "localhost", port: other.port), FolderSettings.file)
                try await withController({ $0.folder = folder }) { controller in
                    #expect(controller.port != other.port)
                    let claims = try JWT(controller.makeEnrollment(name: "a").jwt).claims
                    #expect(claims.contains(#""iss":"https://localhost:\#(controller.port)""#))
                }
            }
        }
    }

    @Test func aSpentTokenStaysSpentAfterARestart() async throws {
        try await withFolder { folder in
            var spent: Enrollment?
            try await withController({ $0.folder = folder }) { controller in
                spent = try await Endpoint.enrolled(at: controller).enrollment
            }
            try await withController({ $0.folder = folder }) { controller in
                var endpoint = try Endpoint()
                try await endpoint.enroll(try #require(spent), at: RawClient(port: controller.port))
                #expect(endpoint.chainPEM.isEmpty)
            }
        }
    }

    @Test func aKillBetweenTheTwoFilesOfAnEnrollmentDoesNotReviveTheToken() async throws {
        try await withFolder { folder in
            var spent: Enrollment?
            try await withController({ $0.folder = folder }) { controller in
                let enrollment = try controller.makeEnrollment(name: "a")
                let digest = Identifier.digest(ofToken: enrollment.token)
                let file = "\(folder)/enrollments/\(digest).json"
                let record = try Data(contentsOf: URL(filePath: file))
                var endpoint = try Endpoint()
                try await endpoint.enroll(enrollment, at: RawClient(port: controller.port))
                #expect(!FileManager.default.fileExists(atPath: file))
                try record.write(to: URL(filePath: file))
                spent = enrollment
            }
            try await withController({ $0.folder = folder }) { controller in
                var endpoint = try Endpoint()
                try await endpoint.enroll(try #require(spent), at: RawClient(port: controller.port))
                #expect(endpoint.chainPEM.isEmpty)
            }
        }
    }

    @Test func anEnrollmentMadeByAnotherProcessIsFoundWhileTheControllerRuns() async throws {
        try await withFolder { folder in
            try await withController({ $0.folder = folder }) { controller in
                let enrollment = try Controller.makeEnrollment(name: "beside", inFolder: folder)
                #expect(try JWT(enrollment.jwt).isSigned(by: controller.serverCertificateDER))
                #expect(try JWT(enrollment.jwt).claims.contains(#""iss":"\#(controller.url)""#))
                var endpoint = try Endpoint()
                try await endpoint.enroll(enrollment, at: RawClient(port: controller.port))
                _ = try await endpoint.client(of: controller).send("POST /authenticate?method=cert")
                #expect(try Controller.apiSessions(inFolder: folder).map(\.identityName) == ["beside"])
            }
        }
    }

    @Test func filesAreForTheirOwnerOnlyAndHoldNoToken() async throws {
        try await withFolder { folder in
            try await withController({ $0.folder = folder }) { controller in
                let open = try controller.makeEnrollment(name: "open")
                let endpoint = try await Endpoint.enrolled(at: controller).endpoint
                let answer = try await endpoint.client(of: controller).send("POST /authenticate?method=cert")
                let session = try #require(answer.header("zt-session"))
                let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
                #expect(paths.count > 8)
                for path in paths.map({ "\(folder)/\($0)" }) + [folder] {
                    let attributes = try FileManager.default.attributesOfItem(atPath: path)
                    let mode = try #require(attributes[.posixPermissions] as? Int)
                    #expect(mode & 0o077 == 0, "\(path)")
                    guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
                    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
                    #expect(!text.contains(open.token) && !path.contains(open.token))
                    #expect(!text.contains(session) && !path.contains(session))
                }
            }
        }
    }

    @Test func aFolderBelongsToOneRunningController() async throws {
        try await withFolder { folder in
            try await withController({ $0.folder = folder }) { _ in
                await #expect(throws: ControllerError.self) {
                    try await withController({ $0.folder = folder }) { _ in }
                }
            }
        }
    }

    @Test func aFolderWithoutAParentIsRefused() async throws {
        try await withFolder { folder in
            await #expect(throws: ControllerError.self) {
                try await withController({ $0.folder = folder + "/missing/state" }) { _ in }
            }
        }
    }

    @Test func aDamagedRecordIsNamed() async throws {
        try await withFolder { folder in
            try await withController({ $0.folder = folder }) { _ in }
            try Data("{".utf8).write(to: URL(filePath: "\(folder)/identities/a.json"))
            let error = await #expect(throws: ControllerError.self) {
                try await withController({ $0.folder = folder }) { _ in }
            }
            #expect(error?.message.contains("identities/a.json") == true)
        }
    }

    @Test func anIdentityInAFolderNoControllerRanOnIsRefused() async throws {
        try await withFolder { folder in
            #expect(throws: ControllerError.self) {
                try Controller.makeEnrollment(name: "a", inFolder: folder)
            }
        }
    }

    @Test func anAPISessionEndsThirtyMinutesAfterItsLastUse() async throws {
        let clock = ManualClock()
        try await withController({ $0.now = { clock.now } }) { controller in
            let client = try await Endpoint.enrolled(at: controller).endpoint.client(of: controller)
            let session = try #require(try await client.send("POST /authenticate?method=cert").header("zt-session"))
            let headers = [("zt-session", session)]
            clock.advance(seconds: 1799)
            #expect(try await client.send("GET /current-api-session", headers).status == 200)
            clock.advance(seconds: 1799)
            #expect(try await client.send("GET /current-api-session", headers).status == 200)
            clock.advance(seconds: 1800)
            #expect(try await client.send("GET /current-api-session", headers).status == 401)
        }
    }

    @Test func twoRequestsWithOneTokenGetOneCertificate() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            let body = try Endpoint().request()
            let statuses = try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await RawClient(port: controller.port).send(
                            "POST /enroll?token=\(enrollment.token)", [("Content-Type", "text/plain")], body: body
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 400 }.count == 3)
        }
    }
}
