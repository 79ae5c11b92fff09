import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Lists tokens. Logs in nowhere.
struct TokensCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "List the tokens that a reference matches, or those of every backend.",
        discussion: """
            One line each: reference, label, model, serial, state of the PIN. No PIN is asked for.

            Examples:
              ziti-keystore tokens
              ziti-keystore tokens --all 'pkcs11:?module-path=/usr/lib/softhsm/libsofthsm2.so'
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "List empty slots and tokens that are not initialised too.")
    var all = false

    @Flag(help: "Print the references and nothing else.")
    var onlyUris = false

    @Argument(help: "Which tokens; without it, all of them.")
    var reference: String?

    func run(in context: CommandContext) throws {
        var tokens: [TokenInfo] = []
        if let reference {
            tokens = try context.open(try KeyStoreURI(reference)).tokens(all: all)
            guard !tokens.isEmpty else {
                throw KeyStoreError(
                    .noSuchToken, "no token matches the reference", operation: "list tokens", subject: reference)
            }
        } else {
            try InstalledStores(context: context).forEach { (store) throws(KeyStoreError) in
                tokens += try store.tokens(all: all)
            }
        }
        try context.print(
            "tokens", tokens.map(\.json),
            text: tokens.map { onlyUris ? $0.uri.redacted : $0.line }.joined(separator: "\n"))
    }
}
