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
    private func serving(_ folder: String, signal: Int32, _ body: (Int) async throws -> Void) async throws -> Int32 {
        let program = try Program.built("development-controller", ["serve", "--folder", folder]).start()
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

    @Test(arguments: ["serve", "identity", "sessions", "extend", "peers"])
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
