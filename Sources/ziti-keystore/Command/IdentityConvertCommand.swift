import ArgumentParser
import KeyStoreCore
import KeyStoreLoader
import ZitiEnrollment

/// Writes an identity file in another program's dialect.
struct IdentityConvertCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write an identity file for another program.",
        discussion: """
            Opens the key, which must be the certificate's, to learn how the other program names it. Writes no secret unless \
            --include-secrets is given: the OpenZiti SDKs need a token's PIN in the file, because they cannot ask for it.

            A private key that stands in the file itself stays there in the SDKs' dialects. Ours has no place for it: \
            --import stores it where it says, and the new file names it there. The old file still holds it then.

            Examples:
              ziti-keystore identity convert go.json --to native --import 'pkcs11:token=demo;object=ziggy' -o ziggy.json
              ziti-keystore identity convert ziggy.json --to c-sdk --include-secrets -o c.json
            """)

    /// The styles by their names on the command line.
    enum Dialect: String, CaseIterable, ExpressibleByArgument {
        case native
        case cSDK = "c-sdk"
        case goSDK = "go-sdk"

        var style: IdentityStyle {
            switch self {
            case .native: .native
            case .cSDK: .cSDK
            case .goSDK: .goSDK
            }
        }
    }

    @OptionGroup var common: CommonOptions

    @Option(help: "Whose dialect: native, c-sdk or go-sdk.")
    var to: Dialect

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "Write to this file, which must not be there yet, instead of the standard output.", valueName: "file"))
    var out: String?

    @Flag(
        name: [.long, .customLong("include-pin")],
        help: "Write what the SDKs need and cannot ask for: the token's PIN, or the private key of a key file.")
    var includeSecrets = false

    @Option(
        name: .customLong("import"),
        help: ArgumentHelp("Store the private key that the file holds here.", valueName: "ref"))
    var place: String?

    @Flag(help: "Do not encrypt a key file that --import makes.")
    var noPassphrase = false

    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var newPassphrase: NewPassphraseOptions

    @Argument(help: "The identity file.")
    var file: String

    func validate() throws {
        if common.json, out == nil {
            throw ValidationError("With '--json' the identity needs a file of its own: '--out FILE'.")
        }
        if noPassphrase, place == nil { throw ValidationError("'--no-passphrase' goes with '--import'.") }
        if noPassphrase, try newPassphrase.choice() != nil {
            throw ValidationError("'--no-passphrase' does not go with a source for a new passphrase.")
        }
        try SecretChoice.demandDifferentDescriptors([
            ("pin", try pin.choice()), ("management-key", try managementKey.choice()),
            ("passphrase", try passphrase.choice()), ("new-passphrase", try newPassphrase.choice()),
        ])
    }

    func run(in context: CommandContext) async throws {
        let input = try IdentityInput(path: file)
        if let out, OutputFile.isTaken(out) { throw OutputFile.isThere(out) }
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), passphrase: try passphrase.choice(),
            newPassphrase: try newPassphrase.choice(), leavesNewFileOpen: noPassphrase, mayAsk: context.mayAsk
        ).source
        let place = try place.map { try KeyStoreURI($0) }
        let source: KeySource? =
            if let place {
                KeySource(uri: place, pin: secrets) { () throws(KeyStoreError) in
                    try await context.loader.open(context.request(place), backend: context.backend)
                }
            } else if input.identity.holdsPrivateKey {
                nil
            } else {
                try input.keySource(secrets, in: context)
            }
        if let place { _ = try context.loader.describe(place, backend: context.backend) }
        let converted: ConvertedIdentity
        let text: [UInt8]
        do throws(EnrollmentError) {
            converted = try await IdentityConversion(to: to.style, includesSecrets: includeSecrets, importPlace: place)
                .convert(input.identity, key: source)
            text = try converted.identity.json()
            if let out { try converted.identity.write(to: out) }
        } catch {
            throw input.failure(error, "convert identity")
        }
        if converted.lacksSecret {
            context.report.warning(
                "What the key needs besides its name was left out; --include-secrets writes it, for whoever can read the file."
            )
        }
        if converted.isImported { context.report.warning("\(file) still holds the private key.") }
        guard out == nil else { return try printResult(converted, context) }
        if converted.identity.holdsSecret, StandardStream.outputIsTerminal {
            throw CommandFailure.usage(
                "an identity file that holds a secret is not written to a terminal",
                hint: "--out FILE keeps it where nobody else can read it")
        }
        try StandardStream.print(text)
    }

    private func printResult(_ converted: ConvertedIdentity, _ context: CommandContext) throws {
        let uri = converted.key?.redacted ?? ""
        try context.print(
            "identity",
            [
                .object([
                    ("uri", .string(uri)), ("file", .string(file)), ("out", .string(out ?? "")),
                    ("style", .string(to.rawValue)), ("holdsSecret", .bool(converted.identity.holdsSecret)),
                    ("lacksSecret", .bool(converted.lacksSecret)), ("isImported", .bool(converted.isImported)),
                ])
            ], text: "written to\t\(out ?? "")")
    }
}
