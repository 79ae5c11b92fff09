import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Decrypts a file.
struct DecryptCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt", abstract: "Decrypt what was encrypted to an RSA key, and write the plaintext.",
        discussion: """
            The plaintext goes to --out, a new file that nobody else can read, or to standard output where that is no \
            terminal; with --json it is hexadecimal, or in the file alone where there is --out. Every ciphertext that is wrong \
            gets the same answer, whatever is wrong with it. OAEP has an empty label and the same hash in MGF1.

            Examples:
              openssl pkeyutl -encrypt -pubin -inkey ziggy.pub -in message \\
                -out ciphertext -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256
              ziti-keystore decrypt 'pkcs11:token=demo;object=ziggy' \\
                --alg RSA-OAEP-256 --in ciphertext --out message
            """)

    /// The longest ciphertext that is read, in bytes; RSA with 16384 bits makes 2048.
    private static let maximumLength = 4096

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "RSA-OAEP-256, RSA-OAEP-384, RSA-OAEP-512, RSA-OAEP (SHA-1) or, for old peers, RSA1_5.", valueName: "name"))
    var alg: String

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("The ciphertext: a file, or '-' for the standard input.", valueName: "file"))
    var input: String

    @Argument(help: "The key.")
    var reference: String

    func validate() throws {
        _ = try algorithm
        try SecretChoice.demandDifferentDescriptors(
            [("pin", try pin.choice()), ("passphrase", try passphrase.choice())], input: input)
    }

    func run(in context: CommandContext) throws {
        if !context.isJSON { try output.refuseTerminal(secret: "a plaintext") }
        let uri = try KeyStoreURI(reference)
        let algorithm = try algorithm
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        // What is wrong with the file is found out before a PIN is sent.
        let ciphertext = try InputFile(path: input).read(limit: Self.maximumLength)
        let store = try context.open(uri, for: .decrypting, lacks: "does not decrypt")
        let key = try store.openSession(pin: secrets.source).key(at: uri)
        let plaintext = try key.decrypt(ciphertext, using: algorithm)
        guard context.isJSON else { return try output.write(secret: plaintext, what: "a plaintext") }
        try context.print(
            "decrypt",
            [
                .object([
                    ("uri", .string(key.info.uri.redacted)), ("alg", .string("\(algorithm)")),
                    ("plaintext", try output.json(secret: plaintext)),
                ])
            ], text: "")
    }

    private var algorithm: EncryptionAlgorithm {
        get throws {
            guard let algorithm = EncryptionAlgorithm(joseName: alg) else {
                let names = EncryptionAlgorithm.all.compactMap(\.joseName).joined(separator: ", ")
                throw ValidationError("'\(alg)' is not an algorithm: \(names).")
            }
            return algorithm
        }
    }
}
