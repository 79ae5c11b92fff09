import ChildProcess
import TemporaryFiles
import DevelopmentController
import Foundation
import Testing

/// The program, run as a person or a script runs it.
struct ProgramTests {
    private func run(_ arguments: String...) async throws -> ProgramOutcome {
        try await Program.built("development-controller", arguments).run()
    }

    /// Runs `serve` until the body is done, then sends it a signal; returns its exit status.
    private func serving(
        _ folder: String, signal: Int32, _ options: String..., body: (Int) async throws -> Void
    ) async throws -> Int32 {
        let program = try Program.built("development-controller", ["serve", "--folder", folder] + options).start()
        let line = try program.waitForLine(containing: ":")
        do {
            try await body(try #require(line.split(separator: ":").last.flatMap { Int($0) }))
        } catch {
            Issue.record(error)
        }
        program.signal(signal)
        return try program.waitForEnd().status
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func servesIdentitiesThatAreMadeBesideItAndStopsCleanly(_ signal: Int32) async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        let status = try await serving(state, signal: signal) { port in
            let made = try await run("identity", "laptop", "--folder", state)
            #expect(made.status == 0)
            let jwt = try JWT(made.outputText.trimmingCharacters(in: .newlines))
            #expect(jwt.claims.contains(#""iss":"https://localhost:\#(port)""#))
            let claims = try #require(
                try JSONSerialization.jsonObject(with: Data(jwt.claims.utf8)) as? [String: Any])
            let endpoint = try Endpoint()
            let token = try #require(claims["jti"] as? String)
            let answer = try await RawClient(port: port).send(
                "POST /enroll?token=\(token)", [("Content-Type", "text/plain")], body: endpoint.request())
            #expect(answer.status == 200)
            let none = try await run("sessions", "--folder", state)
            #expect(none.outputText.isEmpty)
        }
        #expect(status == 0)
    }

    @Test func listsTheSessionsOfAFolder() async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        try await withController({ $0.folder = state }) { controller in
            let (endpoint, enrollment) = try await Endpoint.enrolled(at: controller, name: "laptop")
            let client = try endpoint.client(of: controller)
            _ = try await client.send("POST /authenticate?method=cert")
            let token = try await client.send("POST /authenticate?method=cert").header("zt-session")
            _ = try await client.send("DELETE /current-api-session", [("zt-session", token ?? "")])
            let listed = try await run("sessions", "--folder", state)
            let lines = listed.outputText.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(lines.map { $0[0] } == ["laptop", "laptop"])
            #expect(lines.allSatisfy { $0[1] == enrollment.identityID })
            #expect(lines.map { $0[4] } == ["active", "ended"])
        }
    }

    @Test func servesAsAnyVersionWithCAsAndSignersThatAreAddedBesideIt() async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        let ca = try ThirdParty()
        let signer = ExternalSigner()
        try folder.write("ca.pem", ca.pem)
        try folder.write("signer.pem", signer.publicKeyPEM)
        let status = try await serving(state, signal: SIGTERM, "--as-version", "2.0") { port in
            let client = RawClient(port: port)
            #expect(try await client.send("GET /version").data?["version"] as? String == "v2.0.3")
            let added = try await run(
                "authority", "add", "partner", "--certificate", folder.path("ca.pem"), "--folder", state)
            #expect(added.status == 0)
            let id = added.outputText.trimmingCharacters(in: .newlines)
            let everybody = try await run("authority", "jwt", id, "--folder", state)
            #expect(try claims(everybody)["em"] as? String == "ca")
            let laptop = try await run("identity", "a", "--method", "ottca", "--authority", id, "--folder", state)
            #expect(try claims(laptop)["em"] as? String == "ottca")
            let router = try await run("identity", "r", "--method", "erott", "--folder", state)
            #expect(try claims(router)["em"] as? String == "erott")
            let network = try await run("network", "--folder", state)
            #expect(try claims(network)["em"] as? String == "network")
            let person = try await run("identity", "b", "--method", "updb", "--username", "person", "--folder", state)
            let token = try #require(try claims(person)["jti"] as? String)
            let json = [("Content-Type", "application/json")]
            let set = try await client.send(
                "POST /enroll?method=updb&token=\(token)", json, body: #"{"password":"Throw-away-1"}"#)
            #expect(set.data?["username"] as? String == "person")
            let login = try await run(
                "signer", "add", "login", "--issuer", signer.issuer, "--public-key", folder.path("signer.pem"),
                "--folder", state)
            #expect(login.status == 0)
            let enrolled = try await client.send(
                "POST /enroll/token", json + [("Authorization", signer.authorization("user"))], body: "{}")
            #expect(enrolled.status == 200)
        }
        #expect(status == 0)
    }

    private func claims(_ outcome: ProgramOutcome) throws -> [String: Any] {
        let jwt = try JWT(outcome.outputText.trimmingCharacters(in: .newlines))
        return try #require(try JSONSerialization.jsonObject(with: Data(jwt.claims.utf8)) as? [String: Any])
    }

    @Test(arguments: [["--authority", "x"], ["--method", "ottca"], ["--method", "updb"], ["--username", "person"]])
    func aMethodAndWhatItIsForGoTogether(_ options: [String]) async throws {
        let result = try await Program.built(
            "development-controller", ["identity", "a", "--folder", "/nonexistent/x"] + options
        ).run()
        #expect(result.status == 64)
    }

    @Test(arguments: ["serve", "identity", "authority", "signer", "network", "sessions", "extend", "peers"])
    func helpHasAnExample(_ command: String) async throws {
        let help = try await run(command, "--help")
        #expect(help.status == 0)
        #expect(help.outputText.contains("Example:"))
    }

    @Test func aPortThatIsNoneIsAUsageError() async throws {
        let result = try await run("serve", "--folder", "/nonexistent/x", "--port", "70000")
        #expect(result.status == 64)
    }

    @Test func anIdentityWithoutAControllerIsAnErrorThatNamesTheFolder() async throws {
        let folder = TemporaryFolder()
        let result = try await run("identity", "a", "--folder", folder.path)
        #expect(result.status != 0)
        #expect(result.errorText.contains(folder.path))
    }

    @Test func asksAnIdentityToRenew() async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        try await withController({ $0.folder = state }) { controller in
            let client = try await ExtendingClient(controller, name: "laptop")
            let asked = try await run("extend", "laptop", "--folder", state, "--roll-key")
            #expect(asked.outputText == client.identityID + "\n")
            #expect(try await client.session(field: "isCertKeyRollRequested") as? Bool == true)
            let unknown = try await run("extend", "nobody", "--folder", state)
            #expect(unknown.status != 0)
            #expect(unknown.errorText.contains("nobody"))
        }
    }

    @Test func namesPeers() async throws {
        let folder = TemporaryFolder()
        let state = folder.path("state")
        let named = try await run("peers", "https://localhost:1281", "https://localhost:1282", "--folder", state)
        #expect(named.outputText == "https://localhost:1281\nhttps://localhost:1282\n")
        #expect(try await run("peers", "--folder", state).outputText == named.outputText)
        #expect(try await run("peers", "localhost", "--folder", state).status != 0)
        #expect(try await run("peers", "--none", "https://localhost:1", "--folder", state).status == 64)
        #expect(try await run("peers", "--none", "--folder", state).outputText.isEmpty)
    }

    @Test func servesWithAFlawAndOpenIDConnect() async throws {
        let folder = TemporaryFolder()
        let program = try Program.built(
            "development-controller",
            ["serve", "--folder", folder.path("state"), "--oidc", "--server-flaw", "leaf-only"]
        ).start()
        let line = try program.waitForLine(containing: ":")
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
        let answer = try await RawClient(port: port).send("GET /version")
        #expect(answer.serverChain.count == 1)
        #expect(answer.text.contains("OIDC_AUTH"))
        program.signal(SIGTERM)
        #expect(try program.waitForEnd().status == 0)
    }
}
