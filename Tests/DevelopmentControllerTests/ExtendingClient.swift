import DevelopmentController
import Foundation

/// An enrolled client with an API session, and the two steps of an extension.
struct ExtendingClient {
    private(set) var controller: Controller
    let endpoint: Endpoint
    let identityID: String
    private(set) var session = ""
    private(set) var authenticatorID = ""
    /// After `extend`.
    private(set) var renewed: Endpoint?

    static let json = [("Content-Type", "application/json")]

    /// Enrolls and authenticates.
    init(_ controller: Controller, name: String = "ott-1") async throws {
        self.controller = controller
        let (endpoint, enrollment) = try await Endpoint.enrolled(at: controller, name: name)
        self.endpoint = endpoint
        identityID = enrollment.identityID
        let answer = try await endpoint.client(of: controller).send(
            "POST /authenticate?method=cert", Self.json,
            body: #"{"sdkInfo": {"type": "test", "version": "1.0"}, "envInfo": {"os": "Linux", "arch": "x86_64"}}"#)
        session = answer.header("zt-session") ?? ""
        authenticatorID = answer.data?["authenticatorId"] as? String ?? ""
    }

    var path: String { "/current-identity/authenticators/\(authenticatorID)" }

    /// The headers of a request with the session.
    var headers: [(String, String)] { Self.json + [("zt-session", session)] }

    /// The first step, with a new key unless one is given.
    @discardableResult
    mutating func extend(_ next: Endpoint? = nil) async throws -> RawClient.Answer {
        var next = try next ?? Endpoint()
        let answer = try await endpoint.client(of: controller).send(
            "POST \(path)/extend", headers, body: Self.body("clientCertCsr", try next.request()))
        next.accept(answer.data?["clientCert"] as? String ?? "")
        renewed = next
        return answer
    }

    /// The second step.
    @discardableResult
    func verify(_ pem: String? = nil) async throws -> RawClient.Answer {
        try await endpoint.client(of: controller).send(
            "POST \(path)/extend-verify", headers, body: Self.body("clientCert", pem ?? renewed?.chainPEM ?? ""))
    }

    /// The same client, of the controller after a restart.
    func moved(to controller: Controller) -> ExtendingClient {
        var moved = self
        moved.controller = controller
        return moved
    }

    /// A member of what `/current-api-session` says.
    func session(field: String) async throws -> Any? {
        try await RawClient(port: controller.port).send("GET /current-api-session", headers).data?[field]
    }

    /// The status of an authentication with the old or the new certificate.
    func authenticate(_ endpoint: Endpoint?) async throws -> Int? {
        try await endpoint?.client(of: controller).send("POST /authenticate?method=cert").status
    }

    static func body(_ member: String, _ value: String) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: [member: value]), as: UTF8.self)
    }
}
