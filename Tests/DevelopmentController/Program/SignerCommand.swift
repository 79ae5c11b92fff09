internal import ArgumentParser
internal import DevelopmentController
internal import FoundationEssentials

/// `signer`: signers of external JWTs, which enroll in controllers from 2.0 on.
struct SignerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signer",
        abstract: "Add a signer of external JWTs.",
        discussion: """
            Works while the controller of the folder runs. The claim `sub` is who enrolls.

            Example:
              openssl ecparam -name prime256v1 -genkey -noout -out login.key
              openssl pkey -in login.key -pubout -out login.pem
              development-controller signer add login --issuer https://login.example.org \\
                --public-key login.pem --folder /tmp/controller
            """,
        subcommands: [Add.self])

    /// `signer add`.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a signer, for certificates and tokens unless told otherwise, and print its id.",
            discussion: """
                Example:
                  development-controller signer add login --issuer https://login.example.org \\
                    --public-key login.pem --folder /tmp/controller
                """)

        @Argument(help: "The name of the signer.")
        var name: String

        @Option(help: "The `iss` of its JWTs.")
        var issuer: String

        @Option(help: "A file with its public key, or its certificate, in PEM: EC or RSA.")
        var publicKey: String

        @Flag(inversion: .prefixedNo, help: "Whether a JWT with a certificate signing request enrolls.")
        var toCertificate = true

        @Flag(inversion: .prefixedNo, help: "Whether a JWT alone enrolls.")
        var toToken = true

        @Option(help: "The folder of the controller's state.")
        var folder: String

        func run() throws {
            let pem = String(decoding: try Data(contentsOf: URL(filePath: publicKey)), as: UTF8.self)
            print(
                try Controller.addSigner(
                    name: name, issuer: issuer, publicKeyPEM: pem, enrollsToCertificate: toCertificate,
                    enrollsToToken: toToken, inFolder: folder))
        }
    }
}
