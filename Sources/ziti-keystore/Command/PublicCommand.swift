import ArgumentParser
import KeyStoreCore
import KeyStoreLoader
import KeyStoreVerification

/// Prints a public key.
struct PublicCommand: StoreCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case pem, der, jwk
    }

    static let configuration = CommandConfiguration(
        commandName: "public", abstract: "Print the public key, without a PIN where that can be.",
        discussion: """
            As a SubjectPublicKeyInfo in PEM or DER, or as a JSON Web Key (RFC 7517).

            Example:
              ziti-keystore public 'pkcs11:token=demo;object=ziggy' > ziggy.pub
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "The form.")
    var format = Format.pem

    @Argument(help: "The key.")
    var reference: String

    func run(in context: CommandContext) throws {
        if format == .der, !context.isJSON { try output.refuseTerminal("DER") }
        let uri = try KeyStoreURI(reference)
        let store = try context.open(uri)
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        let key = try store.openSession(pin: secrets.source).publicKey(at: uri)
        let text: String
        switch format {
        case .pem: text = PEM.text("PUBLIC KEY", key.der)
        case .jwk: text = try JSONWebKey.text(key) + "\n"
        case .der: text = ""
        }
        if context.isJSON {
            if let out = output.out { try OutputFile.write(format == .der ? key.der : Array(text.utf8), to: out) }
            let members: [(name: String, value: JSONValue)] =
                [("uri", .string(store.uri.redacted))] + KeyInfo.members(of: key.type) + [
                    ("publicKey", .hex(key.der)), ("sha256", .hex(key.sha256Fingerprint)),
                    ("pem", .string(PEM.text("PUBLIC KEY", key.der))),
                ]
            try context.print("public", [.object(members)], text: "")
        } else if format == .der {
            try output.write(bytes: key.der, what: "DER")
        } else {
            try output.write(text: text)
        }
    }
}
