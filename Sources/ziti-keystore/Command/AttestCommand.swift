import ArgumentParser
import FoundationEssentials
import KeyStoreAttestation
import KeyStoreCore
import KeyStoreLoader

/// Lets the device say of a key that it was made there, and keeps that.
struct AttestCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest", abstract: "Let the device attest to a key, and write that down with its certificates.",
        discussion: """
            The device says in a certificate of its own that the key was made in it, and what protects the key. Keys that were \
            imported are not attested. 'verify-attestation' judges the file, elsewhere and later too.

            Example:
              ziti-keystore attest 'piv:serial=112233;slot=9a' -o ziggy.attestation.json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "Write to this file, which must not be there yet; else to standard output.", valueName: "file"))
    var out: String?

    @Argument(help: "The key.")
    var reference: String

    func run(in context: CommandContext) async throws {
        let uri = try KeyStoreURI(reference)
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        let store = try await context.loader.open(context.request(uri), backend: context.backend)
        let unsupported = KeyStoreError(
            .unsupportedOperation, "the backend '\(store.backend.name)' does not attest to keys",
            operation: "choose backend", subject: store.uri.redacted)
        // Before a PIN is asked for that would be of no use.
        guard store.backend.abilities.contains(.attesting) else { throw unsupported }
        let report = context.report
        let bundle = try await store.withSession(pin: secrets.source) { session in
            guard let attesting = session.attesting else { throw unsupported }
            let certificates = try await attesting.attestation(at: uri)
            return try AttestationBundle(
                certificates: certificates, keyCertificate: await Self.certificate(at: uri, in: session, report),
                uri: uri)
        }
        let json = try bundle.json()
        if let out { try OutputFile.write(json, to: out) }
        if context.isJSON {
            let text = String(decoding: json, as: UTF8.self)
            let kept: JSONValue = out == nil ? .string(text) : .null
            try context.print(
                "attest",
                [
                    .object(
                        [("uri", .string(bundle.uri))] + bundle.stated.members
                            + [("out", out.map { .string($0) } ?? .null), ("bundle", kept)])
                ], text: "")
        } else if out == nil {
            try StandardStream.print(json)
        }
    }

    /// The certificate beside the key, where there is one for it. Nothing depends on it, so that failures are only told.
    private static func certificate(
        at uri: KeyStoreURI, in session: any KeyStoreSession, _ report: Report
    ) async -> [UInt8]? {
        do {
            return try await session.certificates?.certificates(at: uri).first
        } catch {
            if error.code != .noSuchCertificate {
                report.warning("The certificate beside the key is left out: \(error.message).")
            }
            return nil
        }
    }
}
