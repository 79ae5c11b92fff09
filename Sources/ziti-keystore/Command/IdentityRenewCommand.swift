import ArgumentParser
import KeyStoreCore
import ZitiEnrollment

/// Gets a new certificate for the key that an identity has.
struct IdentityRenewCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew", abstract: "Renew an identity's certificate. The key stays.",
        discussion: """
            The file is replaced once the controller accepts the new certificate; until then the new one stands beside it, \
            with '.next' at its name. If it is interrupted, the same command goes on where it stopped.

            Examples:
              ziti-keystore identity renew ziggy.json --pin-source pin.txt
              ziti-keystore identity renew ziggy.json --if-due 30d
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Option(
        help: ArgumentHelp(
            "Renew only if the certificate expires within this time, such as 30d or 720h, or if the controller asks for it.",
            valueName: "span"))
    var ifDue: TimeSpan?

    @Argument(help: "The identity file.")
    var file: String

    func validate() throws {
        try SecretChoice.demandDifferentDescriptors([
            ("pin", try pin.choice()), ("management-key", try managementKey.choice()),
            ("passphrase", try passphrase.choice()),
        ])
    }

    func run(in context: CommandContext) async throws {
        let input = try IdentityInput(path: file)
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), passphrase: try passphrase.choice(),
            mayAsk: context.mayAsk
        ).source
        let options = RenewalOptions(
            ifDueWithinSeconds: ifDue?.seconds,
            timeoutSeconds: common.timeout.map { max(1, Int($0.rounded(.up))) } ?? 30, proxy: .inherited)
        let report = context.report
        let result: RenewalResult
        do throws(EnrollmentError) {
            result = try await Renewal(path: file, options: options).run(
                finding: { (uri) throws(KeyStoreError) in IdentityInput.source(of: uri, secrets, in: context) },
                progress: { report.progress($0) })
        } catch {
            throw input.failure(error, "renew identity")
        }
        if result.isKeyRollRequested {
            report.note("the controller asks for another key: 'ziti-keystore identity roll' changes it")
        }
        try context.print(
            "identity", [result.json(dueWithinSeconds: ifDue?.seconds)],
            text: result.text(dueWithinSeconds: ifDue?.seconds))
    }
}
