import ArgumentParser
import KeyStoreCore
import KeyStoreLoader
import ZitiEnrollment

/// Gives an identity another key, in the same store or another.
struct IdentityRollCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "roll", abstract: "Give an identity another key, in the same store or another one.",
        discussion: """
            Uses the one key that --to names, or with --generate makes it there. The old key is kept until the controller \
            accepts the new certificate, and afterwards unless --delete-old is given. If it is interrupted, the same command \
            goes on where it stopped.

            Each token has its own PIN: --pin-source and so on are for the old key, --to-pin-source and so on for the new \
            one.

            Examples:
              ziti-keystore identity roll ziggy.json \\
                --to 'pkcs11:token=demo;object=ziggy' \\
                --generate --to-pin-source pin.txt
              ziti-keystore identity roll ziggy.json \\
                --to 'pkcs11:token=hsm;object=ziggy' \\
                --pin-source piv-pin.txt --to-pin-source hsm-pin.txt --delete-old
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The key that takes over.", valueName: "ref"))
    var to: String

    @Flag(help: "Make the key where --to says. Without this, it must be there.")
    var generate = false

    @OptionGroup var keyType: KeyTypeOptions

    @Option(help: "When a key that is made asks for the PIN; default is what its token does unasked.")
    var pinPolicy = KeyPolicyOptions.PIN.default

    @Option(help: "When a key that is made asks for a touch; default is what its token does unasked.")
    var touchPolicy = KeyPolicyOptions.Touch.default

    @Flag(help: "Do not encrypt a key file that is made.")
    var noPassphrase = false

    @Flag(help: "Destroy the old key, once the controller accepts the new certificate and the file is written.")
    var deleteOld = false

    @Flag(
        help:
            "Write the key's reference as the OpenZiti C and Go SDKs read it, with the PIN in clear where they need one."
    )
    var sdkCompatible = false

    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var targetPIN: TargetPINOptions
    @OptionGroup var targetPassphrase: TargetPassphraseOptions
    @OptionGroup var managementKey: ManagementKeyOptions

    @Argument(help: "The identity file.")
    var file: String

    func validate() throws {
        if keyType.isGiven, !generate { throw ValidationError("'--kty', '--crv' and '--size' go with '--generate'.") }
        if pinPolicy != .default || touchPolicy != .default, !generate {
            throw ValidationError("'--pin-policy' and '--touch-policy' go with '--generate'.")
        }
        if noPassphrase, try targetPassphrase.choice() != nil {
            throw ValidationError("'--no-passphrase' does not go with a source for a passphrase.")
        }
        try SecretChoice.demandDifferentDescriptors([
            ("pin", try pin.choice()), ("management-key", try managementKey.choice()),
            ("passphrase", try passphrase.choice()), ("to-pin", try targetPIN.choice()),
            ("to-passphrase", try targetPassphrase.choice()),
        ])
    }

    func run(in context: CommandContext) async throws {
        let input = try IdentityInput(path: file)
        let target = try KeyStoreURI(to)
        // What is wrong with the reference is found out before anything is asked for.
        _ = try context.loader.describe(target, backend: context.backend)
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), passphrase: try passphrase.choice(),
            mayAsk: context.mayAsk
        ).source
        let newPassphrase = try targetPassphrase.choice()
        let targetSecrets = SecretSources(
            pin: try targetPIN.choice(), managementKey: try managementKey.choice(), passphrase: newPassphrase,
            newPassphrase: newPassphrase, leavesNewFileOpen: noPassphrase, mayAsk: context.mayAsk
        ).source
        let roll = KeyRoll(
            to: KeySource(uri: target, pin: targetSecrets) { () throws(KeyStoreError) in
                try await context.loader.open(context.request(target), backend: context.backend)
            },
            generate: generate ? try keyType.type : nil, pinPolicy: pinPolicy.policy, touchPolicy: touchPolicy.policy,
            deletesOldKey: deleteOld, isSDKCompatible: sdkCompatible)
        let options = RenewalOptions(
            timeoutSeconds: common.timeout.map { max(1, Int($0.rounded(.up))) } ?? 30, proxy: .inherited)
        let report = context.report
        let result: RenewalResult
        do throws(EnrollmentError) {
            result = try await Renewal(path: file, roll: roll, options: options).run(
                finding: { (uri) throws(KeyStoreError) in IdentityInput.source(of: uri, secrets, in: context) },
                progress: { report.progress($0) })
        } catch {
            throw input.failure(error, "roll key")
        }
        try context.print(
            "identity", [result.json(dueWithinSeconds: nil)], text: result.text(dueWithinSeconds: nil))
    }
}
