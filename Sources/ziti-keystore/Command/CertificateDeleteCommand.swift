import ArgumentParser
import KeyStoreCore
import KeyStoreLoader

/// Removes the certificates beside a key.
struct CertificateDeleteCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove the certificates beside a key, which stays.",
        discussion: """
            Example:
              ziti-keystore certificate delete 'pkcs11:token=demo;object=ziggy' --pin-source pin.txt
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Argument(help: "The key.")
    var reference: String

    func run(in context: CommandContext) throws {
        let uri = try KeyStoreURI(reference)
        let store = try context.open(uri)
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), passphrase: try passphrase.choice(),
            mayAsk: context.mayAsk)
        let session = try store.openSession(SessionOptions(isWritable: true), pin: secrets.source)
        try session.removeCertificates(at: uri)
        context.report.detail("removed the certificates beside \(store.uri.redacted)")
        try context.print("certificate", [.object([("uri", .string(store.uri.redacted))])], text: "")
    }
}
