import ChildProcess
import Foundation
import Testing

/// What `make demo` runs after the build.
struct DemonstrationTests {
    @Test func theDemonstrationEnrollsTwoIdentitiesAndLogsInWithEach() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let outcome = try await Program(root.appending(path: "Tests/Demonstration/run").path).run()
        #expect(outcome.status == 0, "\(outcome)")
        let folder = root.appending(path: ".build/demo")
        for name in ["laptop.json", "gateway.json"] {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            #expect(!text.contains("PRIVATE KEY"), "\(name) holds a private key")
        }
    }
}
