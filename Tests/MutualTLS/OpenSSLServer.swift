import ChildProcess
import Foundation
import TemporaryFiles

/// `openssl s_server` on loopback, which demands a client certificate and judges it. The real program; it stands in for
/// nothing.
public final class OpenSSLServer: Sendable {
    /// Where it listens, with a slash at the end.
    public let url: String
    private let folder = TemporaryFolder()
    private let program: RunningProgram

    /// Starts the server, with more arguments of its own, and returns when it listens.
    public init(_ authority: TestAuthority, _ arguments: [String]) throws {
        let (certificate, key) = try authority.server()
        try folder.write("ca.pem", authority.pem)
        try folder.write("server.pem", certificate)
        try folder.write("server.key", key)
        program = try Program.system(
            "openssl",
            [
                "s_server", "-accept", "127.0.0.1:0", "-Verify", "1", "-verify_return_error", "-CAfile",
                folder.path("ca.pem"), "-cert", folder.path("server.pem"), "-key", folder.path("server.key"),
            ] + arguments
        ).start()
        let line = try program.waitForLine(containing: "ACCEPT")
        guard let port = line.split(separator: ":").last?.prefix(while: \.isNumber), !port.isEmpty else {
            throw CocoaError(.featureUnsupported, userInfo: [NSLocalizedDescriptionKey: "no port in '\(line)'"])
        }
        url = "https://localhost:\(port)/"
    }

    /// Sends text to the server's commands, or to the client.
    public func send(_ text: String) { program.send(text) }

    /// Waits until a request has arrived.
    public func waitForRequest() async throws {
        let program = program
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread {
                continuation.resume(with: Result { _ = try program.waitForOutput("GET / HTTP") })
            }
        }
    }

    /// Ends the server.
    public func stop() throws { try program.stop() }
}
