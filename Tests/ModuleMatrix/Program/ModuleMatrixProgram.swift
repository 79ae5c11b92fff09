internal import Foundation
internal import ModuleMatrix

/// The program: runs one module of the matrix and prints one line for each outcome, or prints the table of limits for the
/// backend's page.
///
///     unshare --mount --ipc --pid --fork --kill-child --mount-proc module-matrix SoftHSM2 /tmp/folder
///     module-matrix --limits
@main
struct ModuleMatrixProgram {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments == ["--limits"] { return print(ModuleLimits.markdown) }
        guard arguments.count == 2, let module = MatrixModule(rawValue: arguments[1]) else {
            let names = MatrixModule.allCases.map(\.rawValue).joined(separator: " | ")
            report("usage: module-matrix --limits | module-matrix (\(names)) FOLDER")
            exit(64)
        }
        do {
            try await MatrixRun.run(module, folder: arguments[2]) { outcome in
                print(outcome.text)
                fflush(nil)
            }
        } catch {
            report("\(module.rawValue) could not be brought up: \(error)")
            exit(1)
        }
    }

    private static func report(_ message: String) {
        FileHandle.standardError.write(Data("module-matrix: \(message)\n".utf8))
    }
}
