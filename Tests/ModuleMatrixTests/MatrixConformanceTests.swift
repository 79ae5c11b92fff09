import ChildProcess
import Foundation
import KeyStoreTesting
import ModuleMatrix
import Testing

/// The PKCS#11 backend keeps the contract with every module of the matrix, within the limits that are declared for it.
struct MatrixConformanceTests {
    @Test(arguments: MatrixModule.allCases)
    func theBackendConformsWith(_ module: MatrixModule) async throws {
        let outcome = try await ModuleRuns.shared.outcome(of: module)
        let lines = outcome.outputText.split(separator: "\n").compactMap { OutcomeLine($0) }
        let uses = MatrixRun.useStatements(of: module)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(lines.count > uses.count)
        for line in lines where !uses.contains(line.statement) {
            #expect(line.failure == nil, "\(module.rawValue): \(line.text)")
        }
    }

    @Test(arguments: MatrixModule.allCases)
    func identitiesEnrollAndConnectWithKeysBehind(_ module: MatrixModule) async throws {
        let outcome = try await ModuleRuns.shared.outcome(of: module)
        let lines = outcome.outputText.split(separator: "\n").compactMap { OutcomeLine($0) }
        for statement in MatrixRun.useStatements(of: module) {
            let line = try #require(lines.first { $0.statement == statement }, "\(module.rawValue): \(statement)")
            #expect(line.failure == nil, "\(module.rawValue): \(line.text)")
        }
    }

    @Test func thePageShowsTheTableOfLimits() throws {
        print(ModuleLimits.markdown)
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Plugins/PKCS11KeyStore/README.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(
            text.contains("\n\n\(ModuleLimits.markdown)\n\n"),
            "the page's section Modules must show:\n\(ModuleLimits.markdown)")
    }
}
