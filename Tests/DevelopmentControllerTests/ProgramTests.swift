import DevelopmentController
import Foundation
import Testing

/// The program, run as a person or a script runs it.
struct ProgramTests {
    private static let program = Package.products.appending(path: "development-controller").path

    /// Runs `serve` until the body is done, then sends it a signal; returns its exit status.
    private func serving(_ folder: String, signal: Int32, _ body: (Int) async throws -> Void) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["-k", "2", "60", Self.program, "serve", "--folder", folder]
        let output = Pipe()
        process.standardOutput = output
        let ended = AsyncStream<Int32> { continuation in
            process.terminationHandler = {
                continuation.yield($0.terminationStatus)
                continuation.finish()
            }
        }
        try process.run()
        let line = await withCheckedContinuation { (continuation: CheckedContinuation<String, Never>) in
            let reading = output.fileHandleForReading
            DispatchQueue.global().async {
                var bytes = Data()
                while bytes.last != UInt8(ascii: "\n"), let more = try? reading.read(upToCount: 1), !more.isEmpty {
                    bytes += more
                }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
        do {
            try await body(try #require(line.dropLast().split(separator: ":").last.flatMap { Int($0) }))
        } catch {
            Issue.record(error)
        }
        // Straight to the program: `timeout` starts with the signals blocked that Dispatch blocks in its threads.
        let parent = process.processIdentifier
        let children = try String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
        kill(try #require(children.split(separator: " ").first.flatMap { pid_t($0) }), signal)
        return await ended.first { _ in true } ?? -1
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func servesIdentitiesThatAreMadeBesideItAndStopsCleanly(_ signal: Int32) async throws {
        let folder = try Package.makeFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let state = folder.appending(path: "state").path
        let status = try await serving(state, signal: signal) { port in
            let made = try await Tool.run([Self.program, "identity", "laptop", "--folder", state])
            #expect(made.status == 0)
            let jwt = try JWT(made.output.trimmingCharacters(in: .newlines))
            #expect(jwt.claims.contains(#""iss":"https://localhost:\#(port)""#))
            let claims = try #require(
                try JSONSerialization.jsonObject(with: Data(jwt.claims.utf8)) as? [String: Any])
            let endpoint = try Endpoint()
            let token = try #require(claims["jti"] as? String)
            let answer = try await RawClient(port: port).send(
                "POST /enroll?token=\(token)", [("Content-Type", "text/plain")], body: endpoint.request())
            #expect(answer.status == 200)
            let none = try await Tool.run([Self.program, "sessions", "--folder", state])
            #expect(none.output.isEmpty)
        }
        #expect(status == 0)
    }

    @Test func listsTheSessionsOfAFolder() async throws {
        let folder = try Package.makeFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let state = folder.appending(path: "state").path
        try await withController({ $0.folder = state }) { controller in
            let (endpoint, enrollment) = try await Endpoint.enrolled(at: controller, name: "laptop")
            let client = try endpoint.client(of: controller)
            _ = try await client.send("POST /authenticate?method=cert")
            let token = try await client.send("POST /authenticate?method=cert").header("zt-session")
            _ = try await client.send("DELETE /current-api-session", [("zt-session", token ?? "")])
            let listed = try await Tool.run([Self.program, "sessions", "--folder", state])
            let lines = listed.output.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(lines.map { $0[0] } == ["laptop", "laptop"])
            #expect(lines.allSatisfy { $0[1] == enrollment.identityID })
            #expect(lines.map { $0[4] } == ["active", "ended"])
        }
    }

    @Test(arguments: ["serve", "identity", "sessions"])
    func helpHasAnExample(_ command: String) async throws {
        let help = try await Tool.run([Self.program, command, "--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("Example:"))
    }

    @Test func aPortThatIsNoneIsAUsageError() async throws {
        let result = try await Tool.run([Self.program, "serve", "--folder", "/nonexistent/x", "--port", "70000"])
        #expect(result.status == 64)
    }

    @Test func anIdentityWithoutAControllerIsAnErrorThatNamesTheFolder() async throws {
        let folder = try Package.makeFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try await Tool.run([Self.program, "identity", "a", "--folder", folder.path])
        #expect(result.status != 0)
        #expect(result.errors.contains(folder.path))
    }
}
