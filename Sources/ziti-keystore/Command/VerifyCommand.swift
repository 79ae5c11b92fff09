import ArgumentParser
import KeyStoreCore
import KeyStoreLoader
import KeyStoreVerification

/// Verifies a signature with a key's public part.
struct VerifyCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify a signature, without a PIN where the public key can be read without.",
        discussion: """
            Exits with 65 if the signature is not one of this key over this message.

            Example:
              ziti-keystore verify 'pkcs11:token=demo;object=ziggy' --in message --signature signature
            """)

    /// The longest signature that is read, in bytes; RSA with 16384 bits makes 2048.
    private static let maximumLength = 4096

    @OptionGroup var common: CommonOptions
    @OptionGroup var signing: SigningOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Option(help: ArgumentHelp("The signature's bytes: a file, or '-' for the standard input.", valueName: "file"))
    var signature: String

    @Argument(help: "The key.")
    var reference: String

    func validate() throws {
        if signature == "-", signing.input == "-" {
            throw ValidationError("Message and signature cannot both come from the standard input.")
        }
    }

    func run(in context: CommandContext) throws {
        let uri = try KeyStoreURI(reference)
        let store = try context.open(uri)
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        let key = try store.openSession(pin: secrets.source).publicKey(at: uri)
        let algorithm = try signing.algorithm(for: key.type)
        let input = try signing.signingInput(for: algorithm)
        var bytes = try InputFile(path: signature).read(limit: Self.maximumLength)
        if signing.format == .jose { bytes = try SignatureFormat.der(bytes, algorithm) }
        guard key.isValidSignature(bytes, of: input, using: algorithm) else {
            throw CommandFailure(
                status: .badData, code: "signatureInvalid",
                message:
                    "the signature is not one of this key over this \(signing.digest == nil ? "message" : "digest")",
                operation: "verify", subject: store.uri.redacted)
        }
        try context.print(
            "verify",
            [
                .object([
                    ("uri", .string(store.uri.redacted)), ("alg", .string("\(algorithm)")), ("valid", .bool(true)),
                ])
            ], text: "valid")
    }
}
