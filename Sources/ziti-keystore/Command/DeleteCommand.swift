import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Destroys a key.
struct DeleteCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Destroy a key, with its public part and certificates.",
        discussion: """
            Asks on the terminal before it does so, unless --yes is given.

            Example:
              ziti-keystore delete 'pkcs11:token=demo;object=ziggy;type=private' --pin-source pin.txt --yes
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Flag(help: "Do not ask.")
    var yes = false

    @Argument(help: "The key.")
    var reference: String

    func run(in context: CommandContext) throws {
        let uri = try KeyStoreURI(reference)
        let store = try context.open(uri)
        if !yes {
            try Confirmation.ask(
                "Destroy the key \(store.uri.redacted)? It cannot be brought back.", unless: "--yes",
                mayAsk: context.mayAsk)
        }
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), passphrase: try passphrase.choice(),
            mayAsk: context.mayAsk)
        let session = try store.openSession(SessionOptions(isWritable: true), pin: secrets.source)
        try session.deleteKey(at: uri)
        context.report.detail("destroyed: \(store.uri.redacted)")
        try context.print("delete", [.object([("uri", .string(store.uri.redacted))])], text: "")
    }
}
