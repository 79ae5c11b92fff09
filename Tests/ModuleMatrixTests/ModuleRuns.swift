import ChildProcess
import ModuleMatrix
import TemporaryFiles

/// One run of each module, two at a time: each has namespaces of its own and spends most of its time on one processor.
final class ModuleRuns: Sendable {
    static let shared = ModuleRuns()

    private let runs: [MatrixModule: Task<ProgramOutcome, any Error>]

    private init() {
        var runs: [MatrixModule: Task<ProgramOutcome, any Error>] = [:]
        var lanes: [Task<ProgramOutcome, any Error>?] = [nil, nil]
        for (number, module) in MatrixModule.allCases.enumerated() {
            let previous = lanes[number % lanes.count]
            let run = Task {
                _ = await previous?.result
                return try await Self.run(module)
            }
            runs[module] = run
            lanes[number % lanes.count] = run
        }
        self.runs = runs
    }

    /// How the module's run ended. Starts all of them when it is asked for the first.
    func outcome(of module: MatrixModule) async throws -> ProgramOutcome { try await runs[module]!.value }

    private static func run(_ module: MatrixModule) async throws -> ProgramOutcome {
        let folder = TemporaryFolder()
        var program = try Namespaces.program("module-matrix", [module.rawValue, folder.path])
        program.deadlineSeconds = 300
        return try await program.run()
    }
}
