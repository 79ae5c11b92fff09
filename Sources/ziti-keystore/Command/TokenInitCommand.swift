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
        let uri = try KeyStoreURI(reference)
        let store = try context.open(uri, for: .administering, lacks: "does not look after tokens")
        if !yes {
            let token = try onlyToken(of: store)
            try Confirmation.ask(Self.question(token), unless: "--yes", mayAsk: context.mayAsk)
            // A person takes their time, and it is this token that they agreed to lose.
            guard try onlyToken(of: store) == token else {
                throw KeyStoreError(
                    .identityChanged, "another token is there than the one that was asked about; nothing was done",
                    operation: "initialise token", subject: uri.text)
            }
        }
        let choice = try securityOfficerPIN.choice()
        let secrets = SecretSources(
            securityOfficerPIN: choice, newSecurityOfficerPIN: choice, mayAsk: context.mayAsk)
        let token = try store.initialiseToken(label: label, pin: secrets.source)
        try context.print("token", [token.json], text: token.uri.redacted)
    }

    /// The token that would be initialised. Empty slots, which describe nothing, do not count.
    private func onlyToken(of store: BlockingKeyStore) throws(KeyStoreError) -> TokenInfo {
        let tokens = try store.tokens(all: true).filter { !$0.model.isEmpty || !$0.manufacturer.isEmpty }
        guard let token = tokens.first else {
            throw KeyStoreError(
                .noSuchToken, "no token matches the reference", operation: "initialise token", subject: store.uri.text)
        }
        guard tokens.count == 1 else {
            let candidates = tokens.map { "\n  \($0.uri.redacted)" }.joined()
            throw KeyStoreError(
                .ambiguousToken, "\(tokens.count) tokens match the reference:\(candidates)",
                operation: "initialise token", subject: store.uri.text)
        }
        return token
    }

    private static func question(_ token: TokenInfo) -> String {
        let model = [token.model, token.serial].filter { !$0.isEmpty }.joined(separator: ", serial ")
        let name = token.label.isEmpty ? token.location : "'\(token.label)'"
        let question = "Initialise the token \(name) (\(model)), \(token.uri.redacted)?"
        let isNew = !token.flags.contains(.initialised)
        return (isNew ? question : "\(question) Every key on it is destroyed.").replacingNewlines
    }
}
