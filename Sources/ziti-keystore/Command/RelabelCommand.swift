import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Gives a key another name.
struct RelabelCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "relabel", abstract: "Give a key another label, another id or both, and print its new reference.",
        discussion: """
            Its public part and its own certificate get them too. A label or id that another key has is refused. References \
            that stand in identity files go on naming the key by what they hold: change them as well.

            Example:
              ziti-keystore relabel 'pkcs11:token=demo;object=ziggy' \\
                --label gateway --id 0a --pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Option(help: ArgumentHelp("The new label.", valueName: "text"))
    var label: String?

    @Option(help: ArgumentHelp("The new id.", valueName: "hex"))
    var id: String?

    @Argument(help: "The key.")
    var reference: String

    func validate() throws {
        guard label != nil || id != nil else {
            throw ValidationError("At least one of '--label' and '--id' says what the key is to be called.")
        }
        if label?.isEmpty == true { throw ValidationError("'--label' takes a text that is not empty.") }
        if let id, Hexadecimal.bytes(id)?.isEmpty ?? true {
            throw ValidationError("'--id' takes an even number of hexadecimal digits.")
        }
    }

    func run(in context: CommandContext) throws {
        let uri = try KeyStoreURI(reference)
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        let store = try context.open(uri, for: .relabelling, lacks: "gives keys no other names")
        let session = try store.openSession(SessionOptions(isWritable: true), pin: secrets.source)
        let key = try session.relabel(at: uri, label: label, id: id.flatMap(Hexadecimal.bytes))
        try context.print("relabel", [key.json], text: key.uri.redacted)
    }
}
