import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Signs a file or a digest.
struct SignCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a message or a digest, and write the signature's bytes.",
        discussion: """
            ECDSA signatures are DER, or with --format jose r and s; RSA ones as long as the modulus; Ed25519 ones 64 bytes.

            Examples:
              ziti-keystore sign 'pkcs11:token=demo;object=ziggy' --in message --out signature --pin-source pin.txt
              ziti-keystore sign file:key.pem --alg PS256 --in message > signature
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var signing: SigningOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The key.")
    var reference: String

    func validate() throws {
        try SecretChoice.demandDifferentDescriptors(
            [("pin", try pin.choice()), ("passphrase", try passphrase.choice())], input: signing.input)
    }

    func run(in context: CommandContext) throws {
        if !context.isJSON { try output.refuseTerminal("a signature") }
        let uri = try KeyStoreURI(reference)
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        // What is wrong with the message is found out before a PIN is sent.
        let named = signing.alg.flatMap(SignatureAlgorithm.init(joseName:))
        let message = try named.map { try signing.signingInput(for: $0) }
        let key = try context.open(uri).openSession(pin: secrets.source).key(at: uri)
        let algorithm = try signing.algorithm(for: key.info.type)
        var signature = try key.sign(try message ?? signing.signingInput(for: algorithm), using: algorithm)
        if signing.format == .jose { signature = try SignatureFormat.jose(signature, algorithm) }
        guard context.isJSON else { return try output.write(bytes: signature, what: "a signature") }
        if let out = output.out { try OutputFile.write(signature, to: out) }
        try context.print(
            "sign",
            [
                .object([
                    ("uri", .string(key.info.uri.redacted)), ("alg", .string("\(algorithm)")),
                    ("format", .string(signing.format.rawValue)), ("signature", .hex(signature)),
                ])
            ], text: "")
    }
}
