import ChildProcess
import Testing

/// Runs `openssl`, which judges from outside, to its end.
func runOpenSSL(_ arguments: [String], input: String = "") async throws -> ProgramOutcome {
    var program = try Program.system("openssl", arguments)
    program.input = Array(input.utf8)
    return try await program.run()
}

/// What `openssl` prints. It must succeed.
func openssl(_ arguments: [String], input: String = "") async throws -> String {
    let outcome = try await runOpenSSL(arguments, input: input)
    try #require(outcome.status == 0, "openssl \(arguments): \(outcome)")
    return outcome.outputText
}
