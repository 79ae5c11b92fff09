import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Brings a token back to the state it was sold in.
struct TokenResetCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Destroy everything on a token, and set its PINs to those it was sold with.",
        discussion: """
            Asks on the terminal before it does so, unless --yes is given. For tokens that have such a state; others have \
            'token init'. Afterwards everybody knows PIN, PUK and management key: change them.

            Example:
              ziti-keystore token reset 'piv:serial=112233'
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Do not ask.")
    var yes = false

    @Argument(help: "The token.")
    var reference: String

    func run(in context: CommandContext) throws {
        let store = try context.open(
            try KeyStoreURI(reference), for: .administering, lacks: "does not look after tokens")
        if !yes { try TokenLoss.confirm("Reset", "reset token", store, mayAsk: context.mayAsk) }
        let token = try store.reset(pin: SecretSources(mayAsk: context.mayAsk).source)
        try context.print("token", [token.json], text: token.uri.redacted)
    }
}
