import ChildProcess
import Foundation
import Testing

/// The script for a person with a real key, as far as no real key is needed to say no.
struct HardwareScriptTests {
    private static let script =
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Hardware/run").standardized.path

    @Test(
        arguments: [
            [:], ["SERIAL": "12345678"], ["SLOT": "retired20"], ["SERIAL": "x", "SLOT": "retired20"],
            ["SERIAL": "1", "SLOT": "9a"], ["SERIAL": "1", "SLOT": "retired21"],
        ] as [[String: String]])
    func itRefusesToRunWithoutASerialNumberAndARetiredSlot(_ variables: [String: String]) throws {
        var program = try Program.system("bash", [Self.script])
        for name in ["SERIAL", "SLOT"] { program.environment[name] = variables[name] }
        let outcome = try program.runBlocking()
        #expect(outcome.status == 1 && outcome.errorText.contains("make test-hardware SERIAL="), "\(outcome)")
    }
}
