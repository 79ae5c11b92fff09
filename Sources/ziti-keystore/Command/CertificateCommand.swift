import ArgumentParser

/// Certificates that stand beside keys.
struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Read, store or remove the certificates beside a key.",
        discussion: """
            Example:
              ziti-keystore certificate put 'pkcs11:token=demo;object=ziggy' --in chain.pem --pin-source pin.txt
            """,
        subcommands: [CertificateGetCommand.self, CertificatePutCommand.self, CertificateDeleteCommand.self])
}
