import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Derives a shared secret.
struct DeriveCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "derive", abstract: "Derive the secret that an EC or X25519 key shares with another one (ECDH).",
        discussion: """
            Writes the raw x-coordinate at the curve's full length (SEC 1, 3.3.1), or the 32 bytes that X25519 makes \
            (RFC 7748, 5). It is not a key yet: put it through a key \
            derivation function, HKDF for example. It goes to --out, a new file that nobody else can read, or to standard \
            output where that is no terminal; with --json it is hexadecimal, or in the file alone where there is --out.

            Example:
              ziti-keystore derive 'pkcs11:token=demo;object=ziggy' \\
                --peer peer.pub --out secret --pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "The other's public key or certificate, in PEM or DER: a file, or '-' for the standard input.",
            valueName: "file"))
    var peer: String

    @Argument(help: "The key.")
    var reference: String

    func validate() throws {
        try SecretChoice.demandDifferentDescriptors(
            [("pin", try pin.choice()), ("passphrase", try passphrase.choice())], input: peer, inputOption: "peer")
    }

    func run(in context: CommandContext) throws {
        if !context.isJSON { try output.refuseTerminal(secret: "a shared secret") }
        let uri = try KeyStoreURI(reference)
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        // What is wrong with the file is found out before a PIN is sent.
        let peerKey = try PublicKey(file: InputFile(path: peer))
        let store = try context.open(uri, for: .agreeing, lacks: "derives no shared secrets")
        let key = try store.openSession(pin: secrets.source).key(at: uri)
        let secret = try key.sharedSecret(with: peerKey)
        guard context.isJSON else { return try output.write(secret: secret, what: "a shared secret") }
        try context.print(
            "derive",
            [.object([("uri", .string(key.info.uri.redacted)), ("secret", try output.json(secret: secret))])],
            text: "")
    }
}
