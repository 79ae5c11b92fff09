import Glibc

/// A program that was started and is talked to while it runs: a daemon, or a conversation on a terminal.
public final class RunningProgram: Sendable {
    /// The child's process id.
    public var processID: Int32 { state.processID }

    private let state: ChildState
    private let program: Program

    init(_ state: ChildState, program: Program) {
        self.state = state
        self.program = program
    }

    deinit { state.kill(SIGKILL) }

    /// Sends text to the child's standard input or terminal.
    public func send(_ text: String) { state.send(Array(text.utf8)) }

    /// Ends the child's standard input.
    public func endInput() { state.endInput() }

    /// Sends a signal, if the child still runs.
    public func signal(_ number: Int32) { state.kill(number) }

    /// What it has written on standard output so far.
    public var outputText: String { state.progress.update { String(decoding: $0.output, as: UTF8.self) } }
    /// What it has written on standard error so far.
    public var errorText: String { state.progress.update { String(decoding: $0.errorOutput, as: UTF8.self) } }

    /// Waits until standard output holds the text, and returns the line that does, without its end. Throws `ended` or
    /// `deadline`, which kills the child.
    @discardableResult
    public func waitForLine(containing text: String) throws -> String {
        try wait("print '\(text)' on standard output", in: \.output, for: text, wholeLine: true)
    }

    /// Waits until standard output, or the terminal, holds the text, at the end of an unfinished line too: a prompt.
    @discardableResult
    public func waitForOutput(_ text: String) throws -> String {
        try wait("print '\(text)' on standard output", in: \.output, for: text, wholeLine: false)
    }

    /// Waits until standard error holds the text.
    @discardableResult
    public func waitForErrorOutput(_ text: String) throws -> String {
        try wait("print '\(text)' on standard error", in: \.errorOutput, for: text, wholeLine: false)
    }

    /// Waits until the child has ended. Throws `deadline`, which kills it.
    public func waitForEnd() throws -> ProgramOutcome {
        let outcome = state.progress.wait(seconds: program.deadlineSeconds) { $0.outcome }
        guard let outcome else { throw failure("end") }
        return outcome
    }

    /// Asks the child to end with SIGTERM, kills it if it does not within ten seconds, and returns how it ended.
    @discardableResult
    public func stop() throws -> ProgramOutcome {
        state.kill(SIGTERM)
        if let outcome = state.progress.wait(seconds: min(program.deadlineSeconds, 10), for: { $0.outcome }) {
            return outcome
        }
        state.kill(SIGKILL)
        return try waitForEnd()
    }

    private func wait(
        _ wanted: String, in stream: KeyPath<ChildProgress, [UInt8]>, for text: String, wholeLine: Bool
    ) throws -> String {
        let found = state.progress.wait(seconds: program.deadlineSeconds) {
            progress -> Result<String, ProgramFailure>? in
            let lines = progress[keyPath: stream].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for line in wholeLine ? lines.dropLast() : lines[...] {
                let line = String(decoding: line, as: UTF8.self)
                if line.contains(text) { return .success(line) }
            }
            return progress.outcome.map { .failure(.ended(program: self.program.path, waitedFor: wanted, $0)) }
        }
        guard let found else { throw failure(wanted) }
        return try found.get()
    }

    private func failure(_ wanted: String) -> ProgramFailure {
        state.kill(SIGKILL)
        let outcome =
            state.progress.wait(seconds: 10) { $0.outcome }
            ?? state.progress.update { ProgramOutcome(status: -1, output: $0.output, errorOutput: $0.errorOutput) }
        return .deadline(program: program.path, waitedFor: wanted, outcome)
    }
}
