internal import ArgumentParser
internal import DevelopmentController
internal import FoundationEssentials

/// `authority`: third-party CAs, whose certificates enroll.
struct AuthorityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "Add a third-party CA, or print its enrollment JWT.",
        discussion: """
            Works while the controller of the folder runs.

            Example:
              id=$(development-controller authority add partner --certificate ca.pem --folder /tmp/controller)
              development-controller authority jwt "$id" --folder /tmp/controller > everybody.jwt
              development-controller identity laptop --method ottca --authority "$id" --folder /tmp/controller > laptop.jwt
            """,
        subcommands: [Add.self, JWT.self])

    /// `authority add`.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a CA, verified and for both methods unless told otherwise, and print its id.",
            discussion: """
                Example:
                  development-controller authority add partner --certificate ca.pem --folder /tmp/controller
                """)

        @Argument(help: "The name of the CA, with which the names of identities begin that enroll by method ca.")
        var name: String

        @Option(help: "A file with the certificate of the CA in PEM.")
        var certificate: String

        @Flag(inversion: .prefixedNo, help: "Whether a certificate alone enrolls: method ca.")
        var auto = true

        @Flag(inversion: .prefixedNo, help: "Whether a certificate with a one-time token enrolls: method ottca.")
        var ottca = true

        @Flag(help: "Leave the CA unverified, so that method ca refuses its certificates.")
        var unverified = false

        @Option(help: "The folder of the controller's state.")
        var folder: String

        func run() throws {
            let pem = String(decoding: try Data(contentsOf: URL(filePath: certificate)), as: UTF8.self)
            print(
                try Controller.addAuthority(
                    name: name, pem: pem, isAutoEnrollmentEnabled: auto, isOTTCAEnrollmentEnabled: ottca,
                    isVerified: !unverified, inFolder: folder))
        }
    }

    /// `authority jwt`.
    struct JWT: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JWT of method ca, with which everybody enrolls who has a certificate of the CA.",
            discussion: """
                Example:
                  development-controller authority jwt 4MOmxx4k1ifgUlduMKpTn5 --folder /tmp/controller
                """)

        @Argument(help: "The id of the CA.")
        var id: String

        @Option(help: "The folder of the controller's state.")
        var folder: String

        func run() throws {
            print(try Controller.makeAuthorityJWT(id, inFolder: folder))
        }
    }
}
