import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Lists keys.
struct ListCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys that a reference matches, or the public ones of every token.",
        discussion: """
            One line for each key, as it is read: reference, type, label, and whether a certificate stands beside it. Private \
            and public key and certificate of one id are one key; with --verbose what else is known of it follows on lines that \
            begin with spaces. A PIN is used where a source for one is given, or with --login; without, only what is public is \
            listed.

            Examples:
              ziti-keystore list 'pkcs11:token=demo' --pin-source pin.txt
              ziti-keystore list file:///etc/keys --json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions

    @Flag(help: "Log in to list private keys too, asking for the PIN on the terminal if no source is given.")
    var login = false

    @Flag(help: "Print the references and nothing else.")
    var onlyUris = false

    @Argument(help: "Which token, folder or keys; without it, every token.")
    var reference: String?

    func validate() throws {
        let choice = try pin.choice()
        if reference == nil, login || choice != nil {
            throw ValidationError("A PIN goes to one token: name it with a reference.")
        }
    }

    func run(in context: CommandContext) throws {
        let output = ItemStream("list", isJSON: context.isJSON)
        if let reference {
            let uri = try KeyStoreURI(reference)
            let choice = try pin.choice()
            let logsIn = login || choice != nil || Self.brings(uri)
            let session = try context.open(uri).openSession(
                SessionOptions(login: logsIn ? .atOnce : .never),
                pin: SecretSources(pin: choice, mayAsk: context.mayAsk).source)
            try print(session, matching: uri, to: output)
            if !logsIn { noteWhatIsHidden(on: session.token, context) }
        } else {
            try InstalledStores(context: context).forEach { (store) throws(KeyStoreError) in
                for token in try store.tokens() where !output.isBroken {
                    try printPublic(of: token, to: output, context)
                }
            }
        }
        try output.end()
    }

    private func printPublic(
        of token: TokenInfo, to output: ItemStream, _ context: CommandContext
    ) throws(KeyStoreError) {
        let session = try context.open(token.uri).openSession(SessionOptions(login: .never), pin: .none)
        noteWhatIsHidden(on: session.token, context)
        try print(session, matching: nil, to: output)
    }

    private func print(
        _ session: BlockingSession, matching uri: KeyStoreURI?, to output: ItemStream
    ) throws(KeyStoreError) {
        try session.forEachKey(matching: uri) { key in
            let line = common.verbose ? key.line + key.properties.lines : key.line
            return output.print(key.json, text: onlyUris ? key.uri.redacted : line)
        }
    }

    private func noteWhatIsHidden(on token: TokenInfo, _ context: CommandContext) {
        guard token.flags.contains(.loginRequired) else { return }
        context.report.note("without a PIN only what is public on '\(token.label)' is listed")
    }

    /// Whether the reference itself holds a PIN or says where one is (RFC 7512 §2.4).
    private static func brings(_ uri: KeyStoreURI) -> Bool {
        let attributes = (try? uri.queryAttributes()) ?? []
        return attributes.contains { ["pin", "pin-value", "pin-source"].contains($0.name) }
    }
}
