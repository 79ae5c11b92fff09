import ArgumentParser

/// The program: its commands, and what they have in common.
struct ZitiKeystore: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "ziti-keystore",
        abstract: "Use keys where they are, in tokens and files, and enroll them with OpenZiti.",
        discussion: """
            One reference names a key everywhere, and what a listing prints the next command takes. Its scheme chooses the \
            backend, a plugin:

              ziti-keystore tokens
              ziti-keystore generate 'pkcs11:token=demo;object=ziggy' --kty EC --crv P-256
              ziti-keystore sign 'pkcs11:token=demo;object=ziggy' --in message --out signature
              ziti-keystore enroll -j ziggy.jwt -k 'pkcs11:token=demo;object=ziggy'

            A PIN comes from --pin-source FILE, --pin-fd N, --pin-env NAME or the terminal. Results go to standard output, \
            everything else to standard error; with --json the last line on standard error is the error.

            \(ExitStatus.help)
            """,
        version: version,
        subcommands: [
            EnrollCommand.self, AuthenticateCommand.self, IdentityCommand.self, BackendsCommand.self,
            TokensCommand.self, ListCommand.self,
            GenerateCommand.self, PublicCommand.self, ImportCommand.self, RelabelCommand.self, DeleteCommand.self,
            CertificateCommand.self, SignCommand.self, VerifyCommand.self, CSRCommand.self, DecryptCommand.self,
            DeriveCommand.self, MoveCommand.self, CompareCommand.self, AttestCommand.self,
            VerifyAttestationCommand.self, TokenCommand.self, URICommand.self,
        ])
}
