import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Initialises a token.
struct TokenInitCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Initialise a token, which destroys what is on it, and print its reference.",
        discussion: """
            Asks on the terminal before it does so, unless --yes is given. The security officer's PIN must be the token's; a \
            new token, which is selected by its slot, gets it. Afterwards the token has no user PIN: 'token set-pin' sets it.

            Examples:
              ziti-keystore tokens --all
              ziti-keystore token init 'pkcs11:slot-id=1' --label demo
              ziti-keystore token init 'pkcs11:token=old;serial=0123' \\
                --label new --so-pin-source so-pin.txt --yes
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var securityOfficerPIN: SecurityOfficerPINOptions

    @Option(help: ArgumentHelp("The label that the token gets.", valueName: "text"))
    var label: String

    @Flag(help: "Do not ask.")
    var yes = false

    @Argument(help: "The token, or the slot with a new one.")
    var reference: String

    func validate() throws {
        if label.isEmpty { throw ValidationError("'--label' takes a text that is not empty.") }
    }

    func run(in context: CommandContext) throws {
        let store = try context.open(
            try KeyStoreURI(reference), for: .administering, lacks: "does not look after tokens")
        if !yes {
            try TokenLoss.confirm("Initialise", "initialise token", store, mayAsk: context.mayAsk)
        }
        let choice = try securityOfficerPIN.choice()
        let secrets = SecretSources(
            securityOfficerPIN: choice, newSecurityOfficerPIN: choice, mayAsk: context.mayAsk)
        let token = try store.initialiseToken(label: label, pin: secrets.source)
        try context.print("token", [token.json], text: token.uri.redacted)
    }
}
