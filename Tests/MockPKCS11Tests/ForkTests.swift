import ChildProcess
import Foundation
import TemporaryFiles
import Testing

/// A process that is forked while a module is in use.
struct ForkTests {
    @Test(arguments: ["forked", "forked-after-close"])
    func aForkedProcessMakesNoCallOfItsParentsModule(mode: String) throws {
        let folder = TemporaryFolder()
        var program = Program.built(
            "hazards",
            [
                mode, "pkcs11:token=mock?module-path=\(BuildFolder.path)/libMockPKCS11.so", "pkcs11:object=hazards",
            ])
        program.environment["HAZARDS_PIN"] = "123456"
        program.environment["MOCK_PKCS11_LOG"] = folder.path("log")
        let outcome = try program.runBlocking()
        #expect(outcome.status == 0, "\(outcome)")
        let text = String(decoding: try folder.read("log"), as: UTF8.self)
        let log: [String] = text.split(separator: "\n").map(String.init)
        #expect(log.contains("C_Sign CKR_OK"))
        #expect(!log.contains { $0.hasPrefix("violation") })
        let isUsedByChild = log.contains("forked C_Sign CKR_OK")
        let isTouchedByChild = log.contains { $0.hasPrefix("forked ") }
        #expect(isTouchedByChild == (mode == "forked-after-close"), "\(log)")
        #expect(isUsedByChild == isTouchedByChild, "\(log)")
    }
}
