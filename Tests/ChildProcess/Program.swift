import Glibc

/// A program to run as a child: what a test says about it before it starts.
///
/// Children get exactly the descriptors named here, whatever other tests of the same process have open. Every run has a
/// deadline, after which the child is killed by its id and the test fails with what it had printed.
public struct Program: Sendable {
    /// The executable's path; it is not searched for.
    public var path: String
    /// The arguments after the program's own name.
    public var arguments: [String]
    /// The whole environment of the child.
    public var environment: [String: String]
    /// Where the child runs; nil for this process's own folder.
    public var workingDirectory: String?
    /// What the child reads on its standard input before the end of it.
    public var input: [UInt8] = []
    /// What the child reads on further descriptors, by number (3 or more).
    public var descriptors: [Int32: [UInt8]] = [:]
    /// The limit for a whole run, and for each wait for a started program, in seconds.
    public var deadlineSeconds = 60.0

    /// Names a program. The environment is this process's own unless another is given.
    public init(
        _ path: String, _ arguments: [String] = [], environment: [String: String]? = nil,
        workingDirectory: String? = nil
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment ?? Self.inheritedEnvironment
        self.workingDirectory = workingDirectory
    }

    /// A program of the build folder that the running test executable stands in.
    public static func built(_ name: String, _ arguments: [String] = []) -> Program {
        Program("\(BuildFolder.path)/\(name)", arguments)
    }

    /// A program of the system, found in the folders of PATH. Throws `notFound`.
    public static func system(_ name: String, _ arguments: [String] = []) throws -> Program {
        let folders = inheritedEnvironment["PATH", default: "/usr/bin:/bin"].split(separator: ":")
        for folder in folders where access("\(folder)/\(name)", X_OK) == 0 {
            return Program("\(folder)/\(name)", arguments)
        }
        throw ProgramFailure.notFound(name)
    }

    /// This process's environment.
    public static var inheritedEnvironment: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return variables
    }

    /// Runs the program to its end, on another thread than the caller's. Throws `deadline` with what was printed if it does
    /// not end in time.
    public func run() async throws -> ProgramOutcome {
        try await withCheckedThrowingContinuation { continuation in
            BackgroundThread.start { continuation.resume(with: Result { try runBlocking() }) }
        }
    }

    /// Runs the program to its end, blocking the calling thread.
    public func runBlocking() throws -> ProgramOutcome {
        let running = try start(endsInput: true)
        return try running.waitForEnd()
    }

    /// Starts the program and returns at once. It is killed when nobody holds the returned object any more.
    /// - Parameters:
    ///   - onTerminal: Whether the child's standard descriptors are a terminal of its own, as if a person had started it;
    ///     what it prints arrives as `output` then.
    ///   - endsInput: Whether the input ends after `input`; otherwise more can be sent.
    public func start(onTerminal: Bool = false, endsInput: Bool = false) throws -> RunningProgram {
        RunningProgram(try ChildState.spawn(self, onTerminal: onTerminal, endsInput: endsInput), program: self)
    }
}
