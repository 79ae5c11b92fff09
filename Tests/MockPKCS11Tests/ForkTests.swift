import ChildProcess
import Foundation
import TemporaryFiles
import Testing

/// A process that is forked while a module is in use, whether or not the module notices.
struct ForkTests {
    @Test(arguments: ["on", "off"], ["forked", "forked-after-close"])
    func aForkedProcessMakesNoCallOfItsParentsModule(notices: String, mode: String) throws {
        let folder = TemporaryFolder()
        try folder.write("script", "notice-fork \(notices)\n")
        var program = Program.built("pkcs11-hazards", [mode, "\(BuildFolder.path)/libMockPKCS11.so", "mock"])
        program.environment["PKCS11_HAZARDS_PIN"] = "123456"
        program.environment["MOCK_PKCS11_SCRIPT"] = folder.path("script")
        program.environment["MOCK_PKCS11_LOG"] = folder.path("log")
        let outcome = try program.runBlocking()
        #expect(outcome.status == 0, "\(outcome)")
        let log = String(decoding: try folder.read("log"), as: UTF8.self).split(separator: "\n")
        #expect(log.contains("C_Sign CKR_OK"))
        #expect(log.filter { $0.hasPrefix("violation") } == [])
        let ofChild = log.filter { $0.hasPrefix("forked ") }
        #expect(mode == "forked" ? ofChild.isEmpty : ofChild.contains("forked C_Sign CKR_OK"), "\(log)")
    }
}
