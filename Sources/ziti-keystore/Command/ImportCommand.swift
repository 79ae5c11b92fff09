import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Stores a private key that exists in a PEM file.
struct ImportCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Store a private key from a PEM file, and print its full reference.",
        discussion: """
            Reads every PEM private key that OpenSSL reads. The file stays where it is. Nothing is overwritten unless \
            --replace is given. An X25519 key, which signs nothing, is stored with --use derive.

            Example:
              ziti-keystore import 'pkcs11:token=demo;object=ziggy' --in key.pem --pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var keyPurpose: KeyPurposeOptions
    @OptionGroup var policy: KeyPolicyOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var newPassphrase: NewPassphraseOptions

    @Flag(help: "Do not encrypt a new key file.")
    var noPassphrase = false

    @Option(name: .customLong("in"), help: ArgumentHelp("The PEM file; '-' is the standard input.", valueName: "file"))
    var input: String

    @Argument(help: "Where the key is to be, under which label and id.")
    var reference: String

    func validate() throws {
        if noPassphrase, try newPassphrase.choice() != nil {
            throw ValidationError("'--no-passphrase' does not go with a source for a new passphrase.")
        }
        try SecretChoice.demandDifferentDescriptors(
            [
                ("pin", try pin.choice()), ("management-key", try managementKey.choice()),
                ("passphrase", try passphrase.choice()), ("new-passphrase", try newPassphrase.choice()),
            ], input: input)
    }

    func run(in context: CommandContext) throws {
        let uri = try KeyStoreURI(reference)
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), passphrase: try passphrase.choice(),
            newPassphrase: try newPassphrase.choice(), leavesNewFileOpen: noPassphrase, mayAsk: context.mayAsk)
        let pem = try InputFile(path: input).readSecret(context.report)
        let store = try context.open(uri)
        let options = try policy.options(for: keyPurpose.purpose(), in: store)
        let session = try store.openSession(SessionOptions(isWritable: true), pin: secrets.source)
        let key =
            if let options {
                try session.importKey(pem: pem, options: options, at: uri)
            } else {
                try session.importKey(pem: pem, purpose: keyPurpose.purpose(), at: uri)
            }
        try context.print("import", [key.info.json], text: key.info.uri.redacted)
    }
}
