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

            The JWT says how: 'ott' (the controller issues a certificate), 'ottca' and 'ca' (the key has one already), 'updb' \
            (a user name and password, no key), 'network' (nobody is enrolled; the file holds whom to trust). With an \
            external JWT its holder is enrolled: with --key for a certificate, without one to log in with such JWTs.

            A proxy is taken from HTTPS_PROXY, ALL_PROXY and NO_PROXY. --timeout is the limit for everything, and for each \
            exchange with the controller and call into the token.

            Examples:
              ziti-keystore enroll -j ziggy.jwt -k 'pkcs11:token=demo;object=ziggy' --pin-source pin.txt
              ziti-keystore enroll -j ziggy.jwt -k file:ziggy.pem --generate --crv P-384 -o ziggy.json
              ziti-keystore enroll -j partner.jwt -k 'pkcs11:token=demo;object=ziggy' --cert chain.pem -o ziggy.json
              ziti-keystore enroll -j user.jwt --username ziggy -o ziggy.json
              ziti-keystore enroll https://ctrl.example.org:1280 --external-jwt-source token.jwt -o ziggy.json
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

    func validate() throws {
        if batch.manifest != nil {
            try validateBatch()
        } else if input.start == nil {
            throw ValidationError("Missing expected argument '--jwt <file>'.")
        }
        let hasFile = input.start.map { $0 != "-" && !EnrollmentJWT.looksLikeOne($0) && !$0.contains("://") } ?? false
        if batch.manifest == nil, !hasFile, out == nil {
            throw ValidationError("Without a JWT's file the identity file needs a name: '--out'.")
        }
        if removesJWT, !hasFile {
            throw ValidationError("'--rm' needs a file that can be removed: '--jwt FILE'.")
        }
        if generate, givenKey == nil, batch.manifest == nil {
            throw ValidationError("'--generate' makes the key that '--key' names.")
        }
        if fallback != nil, givenKey == nil {
            throw ValidationError("'--fallback' stands in for the key that '--key' names.")
        }
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
        let report = context.report
        let input = try EnrollmentInput(self.input.start ?? "", report)
        var options = EnrollmentOptions(
            outputPath: outputPath, generate: generate ? try keyType.type : nil,
            pinPolicy: attestation.pinPolicy?.policy, touchPolicy: attestation.touchPolicy?.policy,
            fallback: try fallback.map { try self.source($0, context) },
            additionalAuthorities: try self.input.ca.map { try InputFile(path: $0).readCertificates() },
            isSDKCompatible: sdkCompatible, attestation: try demandedAttestation(),
            timeoutSeconds: common.timeout.map { max(1, Int($0.rounded(.up))) } ?? 30)
        options.certificate = try self.input.cert.map { try InputFile(path: $0).readCertificates() }
        options.requestedName = self.input.name
        options.externalJWT = try self.input.externalJWT.read(report)
        options.proxy = .inherited
        let password = try EnrollmentPassword(self.input.password, mayAsk: context.mayAsk)
        let source = try givenKey.map { try self.source($0, context) }
        let result: EnrollmentResult
        do throws(EnrollmentError) {
            let jwt = try await jwt(input, options)
            if jwt.method == .updb || self.input.password.isGiven { options.password = password }
            let enrollment = Enrollment(jwt: jwt, options: options)
            try enrollment.requireOptions(hasKey: source != nil)
            result = try await enrollment.run(key: source) { report.progress($0) }
        } catch {
            throw failure(error, input)
        }
        if removesJWT, case .jwt(_, let file?) = input, unlink(file) != 0 {
            report.warning("The enrollment JWT \(file) could not be removed: \(String(cString: strerror(errno))).")
        }
        try context.print("enroll", [result.json], text: result.text)
    }

    /// The JWT that is redeemed: the one that was given, or that of the network whose controller was given.
    private func jwt(
        _ input: EnrollmentInput, _ options: EnrollmentOptions
    ) async throws(EnrollmentError) -> EnrollmentJWT {
        switch input {
        case .jwt(let jwt, _): return jwt
        case .controller(let address):
            return try await EnrollmentJWT.network(
                at: address, authorities: options.additionalAuthorities, proxy: options.proxy,
                timeoutSeconds: options.timeoutSeconds)
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

    private func failure(_ error: EnrollmentError, _ input: EnrollmentInput) -> CommandFailure {
        var failure: CommandFailure
        switch input {
        case .jwt(_, let file): failure = CommandFailure(error, file: file ?? "--jwt")
        case .controller(let address): failure = CommandFailure(error, file: address.text)
        }
        // Before the first step, it is the command line that does not go with the method.
        if error.code == .inputInvalid, error.step == nil {
            failure.status = .usage
            failure.code = "usage"
        }
        if error.keyStoreError?.code == .noSuchKey, !generate {
            failure.hint =
                "'ziti-keystore list REF' shows the keys that are there, with a PIN the private ones too; "
                + "--generate makes one"
        }
        return failure
    }

    private var outputPath: String {
        if let out { return out }
        let jwt = input.start ?? ""
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
