import ChildProcess
import SoftHSMTokens
import Testing

/// What a process may do with the modules of the one that it was forked from. The forks are a small program's, as this
/// process has threads.
struct ForkTests {
    private func run(_ mode: String) throws -> ProgramOutcome {
        let token = SoftHSM.shared.makeToken(label: "forks-\(UInt32.random(in: 0...UInt32.max))")
        var program = Program.built("hazards", [mode, token.uri, "pkcs11:object=hazards"])
        program.environment["HAZARDS_PIN"] = token.pin
        return try program.runBlocking()
    }

    @Test func aForkedProcessIsRefusedEverythingAndItsParentGoesOn() throws {
        let outcome = try run("forked")
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func aProcessThatWasForkedWhileNoStoreWasOpenBeginsAfresh() throws {
        let outcome = try run("forked-after-close")
        #expect(outcome.status == 0, "\(outcome)")
    }
}
