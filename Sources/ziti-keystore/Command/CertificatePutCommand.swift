import ArgumentParser
import KeyStoreCore
import KeyStoreLoader
import SwiftASN1
import X509

/// Stores certificates beside a key.
struct CertificatePutCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Store a certificate, or a chain with the key's own first, beside a key.",
        discussion: """
            Certificates that stand there already are replaced. One for another key is refused.

            Example:
              ziti-keystore certificate put 'pkcs11:token=demo;object=ziggy' --in chain.pem --pin-source pin.txt
            """)

    /// The longest file that is read, in bytes.
    private static let maximumLength = 1 << 20

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var managementKey: ManagementKeyOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("The file, in PEM or DER; '-' is the standard input.", valueName: "file"))
    var input: String

    @Argument(help: "The key.")
    var reference: String

    func validate() throws {
        try SecretChoice.demandDifferentDescriptors(
            [
                ("pin", try pin.choice()), ("management-key", try managementKey.choice()),
                ("passphrase", try passphrase.choice()),
            ], input: input)
    }

    func run(in context: CommandContext) throws {
        let uri = try KeyStoreURI(reference)
        let file = InputFile(path: input)
        let certificates = try PEM.certificates(in: try file.read(limit: Self.maximumLength), name: input)
        for (index, certificate) in certificates.enumerated()
        where (try? Certificate(derEncoded: certificate)) == nil && AgreementCertificate(der: certificate) == nil {
            throw CommandFailure.badData("certificate \(index + 1) in \(input) cannot be read", subject: input)
        }
        let store = try context.open(uri)
        let secrets = SecretSources(
            pin: try pin.choice(), managementKey: try managementKey.choice(), passphrase: try passphrase.choice(),
            mayAsk: context.mayAsk)
        let session = try store.openSession(SessionOptions(isWritable: true), pin: secrets.source)
        let replaced = try Self.certificatesThere(session, uri)
        try session.store(certificates, at: uri)
        if !replaced.isEmpty, replaced != certificates {
            context.report.warning("Other certificates stood beside the key, and were replaced.")
        }
        context.report.detail("stored: \(certificates.count) beside \(store.uri.redacted)")
        try context.print(
            "certificate",
            [
                .object([
                    ("uri", .string(store.uri.redacted)), ("certificates", .array(certificates.map { .hex($0) })),
                ])
            ], text: "")
    }

    /// What is about to be replaced. Only that there is nothing is an answer; any other failure is one.
    private static func certificatesThere(
        _ session: BlockingSession, _ uri: KeyStoreURI
    ) throws(KeyStoreError) -> [[UInt8]] {
        do throws(KeyStoreError) {
            return try session.certificates(at: uri)
        } catch {
            guard error.code == .noSuchCertificate else { throw error }
            return []
        }
    }
}
