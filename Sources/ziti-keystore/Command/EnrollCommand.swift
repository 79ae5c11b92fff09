import ArgumentParser
import Glibc
import KeyStoreAttestation
import KeyStoreCore
import KeyStoreLoader
import ZitiEnrollment

/// Redeems an enrollment JWT for a certificate of a key that stays where it is.
struct EnrollCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll", abstract: "Enroll an identity with a key that stays in its token or file.",
        discussion: """
            Uses the one key that --key names, or with --generate makes it there. Nothing is spent before the key has proved \
            that it can sign and the output file is reserved. If it is interrupted, the same command goes on where it stopped.

            Examples:
              ziti-keystore enroll -j ziggy.jwt -k 'pkcs11:token=demo;object=ziggy' --pin-source pin.txt
              ziti-keystore enroll -j ziggy.jwt -k file:ziggy.pem --generate --crv P-384 -o ziggy.json
              ziti-keystore enroll --batch manifest.csv --jobs 8 --generate --pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions

    @OptionGroup var input: EnrollmentInputOptions

    @Option(
        name: [.customShort("k"), .customLong("key")], help: ArgumentHelp("The key.", valueName: "ref"))
    var givenKey: String?

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("The identity file to write; else the JWT's name with '.json'.", valueName: "file"))
    var out: String?

    @Flag(help: "Make the key where --key says. Without this, it must be there.")
    var generate = false

    @OptionGroup var keyType: KeyTypeOptions

    @Flag(help: "Do not encrypt a key file that is made.")
    var noPassphrase = false

    @Flag(name: .customLong("rm"), help: "Remove the enrollment JWT's file once everything is done.")
    var removesJWT = false

    @Flag(
        help:
            "Write the key's reference as the OpenZiti C and Go SDKs read it, with the PIN in clear where they need one."
    )
    var sdkCompatible = false

    @Option(
        help: ArgumentHelp(
            "Use this key, made if need be, when the token of --key is absent, and only then.", valueName: "ref"))
    var fallback: String?

    @Flag(
        help: "Let the device attest to the key, and write that to the identity file's name with '.attestation.json'.")
    var attest = false

    @Flag(help: "The same, and spend nothing unless the attestation leads to --root and says what else is asked for.")
    var requireAttestation = false

    @OptionGroup(title: "What --require-attestation asks for; --generate makes a key with these policies")
    var attestation: AttestationOptions

    @OptionGroup(title: "Many enrollments in one run") var batch: BatchOptions

    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var passphrase: PassphraseOptions

    /// Given, unless there is a batch.
    private var jwt: String { input.jwt ?? "" }
    private var key: String { givenKey ?? "" }

    func validate() throws {
        if batch.manifest == nil {
            if input.jwt == nil { throw ValidationError("Missing expected argument '--jwt <file>'.") }
            if givenKey == nil { throw ValidationError("Missing expected argument '--key <ref>'.") }
        } else {
            try validateBatch()
        }
        if jwt == "-", out == nil { throw ValidationError("With '--jwt -' the identity file needs a name: '--out'.") }
        if jwt == "-", removesJWT { throw ValidationError("'--rm' needs a file that can be removed: '--jwt FILE'.") }
        if keyType.isGiven, !generate { throw ValidationError("'--kty', '--crv' and '--size' go with '--generate'.") }
        if generate, try !keyType.type.purposes.contains(.sign) {
            throw ValidationError("An enrolled key signs, and \(try keyType.type) keys do not: choose another '--crv'.")
        }
        if requireAttestation, attestation.root.isEmpty {
            throw ValidationError(
                "Without a root no attestation is trusted: '--require-attestation' needs '--root FILE'.")
        }
        if attestation.namesDevice, !requireAttestation {
            throw ValidationError("'--root', '--serial' and '--min-firmware' go with '--require-attestation'.")
        }
        if attestation.namesPolicy, !requireAttestation, !generate {
            throw ValidationError(
                "'--pin-policy' and '--touch-policy' go with '--generate' or '--require-attestation'.")
        }
        if noPassphrase, try passphrase.choice() != nil {
            throw ValidationError("'--no-passphrase' does not go with a source for a passphrase.")
        }
    }

    func run(in context: CommandContext) async throws {
        if let manifest = batch.manifest { return try await enroll(manifest: manifest, context) }
        let token = try readJWT()
        guard input.cert == nil else {
            throw CommandFailure.usage(
                "the enrollment JWT is for the method '\(token.method)', and --cert goes with none that this version has",
                hint: "with 'ott' the controller issues the certificate")
        }
        let source = try source(key, context)
        let options = EnrollmentOptions(
            outputPath: outputPath, generate: generate ? try keyType.type : nil,
            pinPolicy: attestation.pinPolicy?.policy, touchPolicy: attestation.touchPolicy?.policy,
            fallback: try fallback.map { try self.source($0, context) },
            additionalAuthorities: try input.ca.map { try InputFile(path: $0).readText(limit: 1 << 20) },
            isSDKCompatible: sdkCompatible, attestation: try demandedAttestation(),
            timeoutSeconds: common.timeout.map { max(1, Int($0.rounded(.up))) } ?? 30)
        let report = context.report
        let result: EnrollmentResult
        do throws(EnrollmentError) {
            result = try await Enrollment(jwt: token, options: options).run(key: source) { report.progress($0) }
        } catch {
            throw failure(error)
        }
        if removesJWT, unlink(jwt) != 0 {
            report.warning("The enrollment JWT \(jwt) could not be removed: \(String(cString: strerror(errno))).")
        }
        try context.print("enroll", [result.json], text: result.text)
    }

    private func readJWT() throws -> EnrollmentJWT {
        let text = try InputFile(path: jwt).readText(limit: EnrollmentJWT.maximumLength)
        do throws(EnrollmentError) {
            return try EnrollmentJWT(text)
        } catch {
            throw CommandFailure(error, file: jwt)
        }
    }

    /// The attestation that the key must have before anything is spent; nil where none was asked for.
    func demandedAttestation() throws -> EnrollmentAttestation? {
        guard attest || requireAttestation else { return nil }
        let verifier = requireAttestation ? try attestation.verifier() : nil
        let attestation = attestation
        return EnrollmentAttestation(isRequired: requireAttestation) { evidence in
            let bundle = try AttestationBundle(certificates: evidence.certificates, uri: evidence.uri)
            let requirements = attestation.requirements(publicKey: evidence.publicKey)
            if let verifier {
                _ = try await verifier.verify(bundle, meets: requirements)
            } else {
                try bundle.requireUnverified(requirements)
            }
            return String(decoding: try bundle.json(), as: UTF8.self)
        }
    }

    private func failure(_ error: EnrollmentError) -> CommandFailure {
        var failure = CommandFailure(error, file: jwt)
        if error.keyStoreError?.code == .noSuchKey, !generate {
            failure.hint =
                "'ziti-keystore list REF' shows the keys that are there, with a PIN the private ones too; "
                + "--generate makes one"
        }
        return failure
    }

    private var outputPath: String {
        if let out { return out }
        return (jwt.hasSuffix(".jwt") ? String(jwt.dropLast(4)) : jwt) + ".json"
    }

    /// The key that a reference names. What is wrong with the reference itself is found out here, before anything is done.
    private func source(_ text: String, _ context: CommandContext) throws -> KeySource {
        let uri = try KeyStoreURI(text)
        _ = try context.loader.describe(uri, backend: context.backend)
        let passphrase = try passphrase.choice()
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), passphrase: passphrase,
            newPassphrase: passphrase, leavesNewFileOpen: noPassphrase, mayAsk: context.mayAsk)
        return KeySource(uri: uri, pin: secrets.source) { () throws(KeyStoreError) in
            try await context.loader.open(context.request(uri), backend: context.backend)
        }
    }
}
