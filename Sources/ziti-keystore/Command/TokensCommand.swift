import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Lists tokens. Logs in nowhere.
struct TokensCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "List the tokens that a reference matches, or those of every backend.",
        discussion: """
            One line each: reference, label, model, serial, state of the PIN; with --verbose what else is known of token and \
            module follows on lines that begin with spaces. No PIN is asked for.

            With --watch each line begins with 'inserted' or 'removed': first the tokens that are there, and then every \
            change, until the command is interrupted (status 130) or --timeout has passed (124). With --json each line is an \
            object of its own, {"format":1,"tokens":[{"event":"inserted","uri":…}]}.

            Examples:
              ziti-keystore tokens
              ziti-keystore tokens --watch 'pkcs11:token=demo'
              ziti-keystore tokens --all 'pkcs11:?module-path=/usr/lib/softhsm/libsofthsm2.so'
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "List empty slots and tokens that are not initialised too.")
    var all = false

    @Flag(help: "Print the references and nothing else.")
    var onlyUris = false

    @Flag(help: "Go on and print tokens as they come and go.")
    var watch = false

    @Argument(help: "Which tokens; without it, all of them.")
    var reference: String?

    func validate() throws {
        if watch, all || onlyUris {
            throw ValidationError("'--watch' does not go with '\(all ? "--all" : "--only-uris")'.")
        }
    }

    func run(in context: CommandContext) throws {
        if watch {
            let watch = TokenWatch(context)
            guard let reference else { return try watch.followAll() }
            return try watch.follow(try context.open(try KeyStoreURI(reference)))
        }
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
            text: tokens.map { token in
                guard !onlyUris else { return token.uri.redacted }
                return token.line + (common.verbose ? token.properties.lines : "")
            }.joined(separator: "\n"))
    }
}
