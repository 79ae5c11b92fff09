import ChildProcess
import Testing
import VirtualYubiKey

/// What a process may do with the card of the one that it was forked from. The forks are a small program's, as this process
/// has threads.
@Suite(.serialized)
struct ForkTests {
    @Test(arguments: ["forked-session", "forked-after-close"])
    func aForkedProcessIsRefusedItsParentsSessionAndHasItsOwn(mode: String) throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        // Has pcscd power the card, which counts as a reset.
        try bench.session().close()
        bench.key.clearLog()
        var program = Program.built("hazards", [mode, "piv:serial=112233", "piv:slot=9a"])
        program.environment["HAZARDS_PIN"] = "123456"
        let outcome = try program.runBlocking()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(bench.key.pinTriesLeft == 3)
        // Every session forgets its login when it is closed, unless another one is connected: the parent's was.
        #expect(bench.key.log.resetCount == (mode == "forked-session" ? 1 : 3))
    }
}
