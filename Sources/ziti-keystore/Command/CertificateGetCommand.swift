import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Prints the certificates beside a key.
struct CertificateGetCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print the certificates beside a key in PEM, the key's own first.",
        discussion: """
            Example:
              ziti-keystore certificate get 'pkcs11:token=demo;object=ziggy' > chain.pem
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The key.")
    var reference: String

    func run(in context: CommandContext) throws {
        let uri = try KeyStoreURI(reference)
        let store = try context.open(uri)
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        let certificates = try store.openSession(pin: secrets.source).certificates(at: uri)
        let pem = certificates.map { PEM.text("CERTIFICATE", $0) }.joined()
        if context.isJSON {
            if let out = output.out { try OutputFile.write(Array(pem.utf8), to: out) }
            try context.print(
                "certificate",
                [
                    .object([
                        ("uri", .string(store.uri.redacted)), ("certificates", .array(certificates.map { .hex($0) })),
                        ("pem", .string(pem)),
                    ])
                ], text: "")
        } else {
            try output.write(text: pem)
        }
    }
}
