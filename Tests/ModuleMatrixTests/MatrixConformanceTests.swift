import ChildProcess
import ModuleMatrix
import TemporaryFiles
import Testing

/// The PKCS#11 backend keeps the contract with every module of the matrix, within the limits that are declared for it.
struct MatrixConformanceTests {
    @Test(arguments: MatrixModule.allCases)
    func theBackendConformsWith(_ module: MatrixModule) async throws {
        let folder = TemporaryFolder()
        var program = try Namespaces.program("module-matrix", [module.rawValue, folder.path])
        program.deadlineSeconds = 170
        let outcome = try await program.run()
        let lines = outcome.outputText.split(separator: "\n").compactMap { OutcomeLine($0) }
        #expect(outcome.status == 0, "\(outcome)")
        #expect(!lines.isEmpty)
        for line in lines {
            #expect(line.failure == nil, "\(module.rawValue): \(line.text)")
        }
    }
}
