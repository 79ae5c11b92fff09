import ChildProcess
import SoftHSMTokens
import Testing

/// A module whose token is in another process.
struct RemoteModuleTests {
    @Test func aServerThatEndsDoesNotEndTheProgram() throws {
        let token = SoftHSM.shared.makeToken(label: "served")
        let server = try P11KitServer(token)
        var program = Program.built(
            "hazards",
            [
                "broken-pipe", "pkcs11:token=\(token.label)?module-path=\(P11KitServer.clientPath)",
                "pkcs11:object=hazards",
            ])
        program.environment["HAZARDS_PIN"] = token.pin
        program.environment["P11_KIT_SERVER_ADDRESS"] = server.address
        let running = try program.start()
        _ = try running.waitForLine(containing: "ready")
        try server.stop()
        running.send("\n")
        let outcome = try running.waitForEnd()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.outputText.contains("refused: "))
    }
}
