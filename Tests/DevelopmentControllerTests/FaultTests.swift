import Crypto
import DevelopmentController
import Foundation
import Testing
import X509

/// Faults do what they say, once, to the path they are meant for.
struct FaultTests {
    private func enroll(_ controller: Controller, _ enrollment: Enrollment, _ endpoint: Endpoint)
        async throws
        -> RawClient.Answer
    {
        try await RawClient(port: controller.port).send(
            "POST /enroll?token=\(enrollment.token)", [("Content-Type", "text/plain")], body: endpoint.request())
    }

    @Test func aTruncatedAnswerDeclaresMoreThanItSendsAndSpendsTheToken() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            controller.script(Fault(pathSuffix: "/enroll", effect: .truncateBody(bytes: 100)))
            let cut = try await enroll(controller, enrollment, Endpoint())
            #expect(cut.status == 200)
            #expect(cut.body.count == 100)
            #expect(cut.header("Content-Length").flatMap { Int($0) } ?? 0 > 100)
            let again = try await enroll(controller, enrollment, Endpoint())
            #expect(again.error?["code"] as? String == "INVALID_ENROLLMENT_TOKEN")
        }
    }

    @Test func anAnswerLostAfterProcessingSpendsTheToken() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            controller.script(Fault(pathSuffix: "/enroll", effect: .closeAfterProcessing))
            #expect(try await enroll(controller, enrollment, Endpoint()).status == nil)
            #expect(controller.requests.last?.status == nil)
            #expect(try await enroll(controller, enrollment, Endpoint()).status == 400)
        }
    }

    @Test func aConnectionClosedBeforeProcessingLeavesTheTokenUsable() async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            controller.script(Fault(pathSuffix: "/enroll", effect: .closeBeforeProcessing))
            #expect(try await enroll(controller, enrollment, Endpoint()).status == nil)
            #expect(try await enroll(controller, enrollment, Endpoint()).status == 200)
        }
    }

    @Test(arguments: [
        (Overload.rateLimited, "HTTP/1.1 429 Too Many Requests", "RATE_LIMITED"),
        (.tooManyRequests, "HTTP/1.1 429 Too Many Requests", "SERVER_TOO_MANY_REQUESTS"),
        (.timeout, "HTTP/1.1 503 Service Unavailable", "TIMEOUT"),
        (.noLeader, "HTTP/1.1 503 Service Unavailable", "CLUSTER_NO_LEADER"),
    ])
    func anOverloadIsAnsweredWithoutProcessing(_ overload: Overload, _ line: String, _ code: String) async throws {
        try await withController { controller in
            let enrollment = try controller.makeEnrollment(name: "a")
            controller.script(Fault(pathSuffix: "/enroll", effect: .refuse(overload)))
            let refused = try await enroll(controller, enrollment, Endpoint())
            #expect(refused.statusLine == line)
            #expect(refused.error?["code"] as? String == code)
            #expect(try await enroll(controller, enrollment, Endpoint()).status == 200)
        }
    }

    @Test func aGivenAnswerIsSentAsItIs() async throws {
        try await withController { controller in
            let body = String(repeating: "x", count: 3_000_000)
            controller.script(
                Fault(
                    pathSuffix: "/version",
                    effect: .answer(status: 503, headers: [("Content-Type", "text/html")], body: body)))
            let client = RawClient(port: controller.port)
            let answer = try await client.send("GET /version")
            #expect(answer.statusLine == "HTTP/1.1 503 Service Unavailable")
            #expect(answer.header("Content-Type") == "text/html")
            #expect(answer.body.count == body.utf8.count)
            #expect(try await client.send("GET /version").status == 200)
        }
    }

    @Test func aForeignBundleIsWellFormedAndVerifiesNothing() async throws {
        try await withController { controller in
            let client = RawClient(port: controller.port)
            let own = try await client.send("GET /.well-known/est/cacerts")
            controller.script(Fault(pathSuffix: "cacerts", effect: .serveForeignBundle))
            let foreign = try await client.send("GET /.well-known/est/cacerts")
            #expect(try BundleShape(base64: foreign.text) == BundleShape(base64: own.text))
            #expect(foreign.text != own.text)
        }
    }

    @Test func aCertificateForAnotherKeyIsIssued() async throws {
        try await withController { controller in
            let endpoint = try Endpoint()
            controller.script(Fault(pathSuffix: "/enroll", effect: .issueForAnotherKey))
            let answer = try await enroll(controller, controller.makeEnrollment(name: "a"), endpoint)
            let chain = try Certificate.pems(try #require(answer.data?["cert"] as? String))
            #expect(chain[0].publicKey != endpoint.key.publicKey)
            #expect(chain[1].publicKey.isValidSignature(chain[0].signature, for: chain[0]))
        }
    }

    @Test func anExpiredCertificateIsIssued() async throws {
        try await withController { controller in
            let endpoint = try Endpoint()
            controller.script(Fault(pathSuffix: "/enroll", effect: .issueExpired))
            let answer = try await enroll(controller, controller.makeEnrollment(name: "a"), endpoint)
            let chain = try Certificate.pems(try #require(answer.data?["cert"] as? String))
            #expect(chain[0].notValidAfter < Date())
            #expect(chain[0].publicKey == endpoint.key.publicKey)
        }
    }

    @Test func aFaultWaitsForItsPath() async throws {
        try await withController { controller async throws in
            controller.script(Fault(pathSuffix: "/enroll", effect: .closeBeforeProcessing))
            let client = RawClient(port: controller.port)
            #expect(try await client.send("GET /version").status == 200)
            #expect(try await client.send("POST /enroll").status == nil)
            #expect(try await client.send("POST /enroll").status == 400)
        }
    }

    @Test(arguments: [false, true])
    func aHangingAnswerNeverComesWhileOthersAreServed(_ isProcessed: Bool) async throws {
        let controller = try await Controller.start()
        let enrollment = try controller.makeEnrollment(name: "a")
        controller.script(Fault(pathSuffix: "/enroll", effect: isProcessed ? .hangAfterProcessing : .hang))
        async let hanging = enroll(controller, enrollment, Endpoint())
        while controller.requests.isEmpty { await Task.yield() }
        #expect(try await enroll(controller, enrollment, Endpoint()).status == (isProcessed ? 400 : 200))
        try await controller.shutdown()
        #expect(try await hanging.status == nil)
        #expect(controller.requests.first?.status == nil)
    }

    @Test func aDelayedAnswerIsTheSameAnswer() async throws {
        try await withController { controller in
            controller.script(Fault(pathSuffix: "/version", effect: .delay(milliseconds: 1)))
            let client = RawClient(port: controller.port)
            let delayed = try await client.send("GET /version")
            #expect(delayed.status == 200)
            #expect(try await client.send("GET /version").body == delayed.body)
        }
    }

    @Test func aRedirectNamesItsTarget() async throws {
        try await withController { controller in
            controller.script(Fault(pathSuffix: "/version", effect: .redirect(to: "https://other.example/version")))
            let answer = try await RawClient(port: controller.port).send("GET /version")
            #expect(answer.statusLine == "HTTP/1.1 302 Found")
            #expect(answer.header("Location") == "https://other.example/version")
        }
    }

    @Test(arguments: [0, 1, 65_536, 1_000_001], [true, false])
    func aStreamedBodyHasItsSize(_ bytes: Int, _ declaresLength: Bool) async throws {
        try await withController { controller in
            controller.script(
                Fault(pathSuffix: "/version", effect: .streamBody(bytes: bytes, declaresLength: declaresLength)))
            let answer = try await RawClient(port: controller.port).send("GET /version")
            #expect(answer.header("Content-Length") == (declaresLength ? String(bytes) : nil))
            #expect(OpenIDClient.unchunked(answer).count == bytes)
        }
    }
}
