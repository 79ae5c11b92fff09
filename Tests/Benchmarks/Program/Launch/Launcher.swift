internal import FoundationEssentials
internal import Glibc

/// Runs programs one at a time, each through the small `launch` beside the peers, which measures time and memory.
struct Launcher {
    private let program: String
    private let folder: TemporaryFolder

    init(program: String, folder: TemporaryFolder) throws {
        guard access(program, X_OK) == 0 else {
            throw BenchmarkError("\(program) is missing: Tests/Benchmarks/run builds it")
        }
        self.program = program
        self.folder = folder
    }

    /// Runs a program to its end and returns what it cost and printed. Throws where it fails or takes longer than
    /// `seconds`, with the end of what it wrote to its standard error. The limit is for what hangs: eight look-ups among ten
    /// thousand keys take a minute on a machine that has much else to do.
    func run(
        _ arguments: [String], environment: [String: String] = [:], seconds: Int = 300
    ) throws -> Outcome {
        let output = folder.path("launch.output")
        let errors = folder.path("launch.errors")
        let figures = try capture([program, String(seconds), output, errors] + arguments, environment)
        guard let outcome = Outcome(figures: figures, output: try text(output)) else {
            throw BenchmarkError("\(arguments[0]) could not be measured")
        }
        guard outcome.status == 0 else {
            let reason = try text(errors).suffix(600)
            throw BenchmarkError("\(arguments.joined(separator: " ")) ended with status \(outcome.status): \(reason)")
        }
        return outcome
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    private func capture(_ arguments: [String], _ additions: [String: String]) throws -> String {
        let pipe = try Pipe()
        defer { close(pipe.reading) }
        let process: pid_t
        do {
            defer { close(pipe.writing) }
            process = try spawn(arguments, environment: additions, output: pipe.writing)
        }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(pipe.reading, &block, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += block[..<count]
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Starts a program whose standard output is the descriptor, and returns its process id.
func spawn(_ arguments: [String], environment additions: [String: String], output: Int32) throws -> pid_t {
    let environment = ProcessInfo.processInfo.environment.merging(additions) { $1 }
    let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    let settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + settings { free(text) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    var process: pid_t = 0
    let status = posix_spawn(&process, arguments[0], &actions, nil, words, settings)
    guard status == 0 else {
        throw BenchmarkError("\(arguments[0]) cannot be started: \(String(cString: strerror(status)))")
    }
    return process
}
