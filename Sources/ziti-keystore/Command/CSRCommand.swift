import ArgumentParser
import KeyStoreCore
import KeyStoreLoader
import KeyStoreTLS

/// Makes a certificate signing request.
struct CSRCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "csr", abstract: "Make a certificate signing request (PKCS#10) in PEM.",
        discussion: """
            The subject is written as RFC 4514 has it, most specific part first; a comma in a value is written '\\,'.

            Example:
              ziti-keystore csr 'pkcs11:token=demo;object=ziggy' --subject 'CN=ziggy,O=Example' --out ziggy.csr
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("The subject, such as 'CN=ziggy,O=Example'.", valueName: "name"))
    var subject: SubjectName

    @Argument(help: "The key.")
    var reference: String

    func run(in context: CommandContext) async throws {
        let uri = try KeyStoreURI(reference)
        let secrets = SecretSources(pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
        let store = try await context.loader.open(context.request(uri), backend: context.backend)
        let subject = subject.name
        let (key, request) = try await store.withSession(pin: secrets.source) { session in
            let key = try await session.key(at: uri)
            let request = try await CertificateRequest.make(
                subject: subject, key: key, publicKey: try await key.publicKey(), algorithms: key.info.algorithms)
            return (key.info, request)
        }
        if context.isJSON {
            if let out = output.out { try OutputFile.write(Array(request.pem.utf8), to: out) }
            try context.print(
                "csr",
                [
                    .object([
                        ("uri", .string(key.uri.redacted)), ("alg", .string("\(request.algorithm)")),
                        ("csr", .hex(request.der)), ("pem", .string(request.pem)),
                    ])
                ], text: "")
        } else {
            try output.write(text: request.pem)
        }
    }
}
