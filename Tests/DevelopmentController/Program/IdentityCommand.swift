internal import ArgumentParser
internal import DevelopmentController

/// `identity`: makes identities and prints their enrollment JWTs, a line each.
struct IdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity",
        abstract: "Make identities and print their enrollment JWTs.",
        discussion: """
            Works while the controller of the folder runs. The JWT is a secret: whoever has it can enroll. The method
            erott makes the JWT of an edge router, which clients have to refuse.

            Example:
              development-controller identity laptop --folder /tmp/controller > laptop.jwt
              development-controller identity person --method updb --username person --folder /tmp/controller
            """)

    /// The methods by their names.
    enum Method: String, CaseIterable, ExpressibleByArgument {
        case ott, ottca, updb, erott
    }

    @Argument(help: "The names of the new identities.")
    var names: [String]

    @Option(help: "How it enrolls: ott, ottca, updb, erott.")
    var method = Method.ott

    @Option(help: "The id of the CA, for method ottca.")
    var authority: String?

    @Option(help: "The user name, for method updb.")
    var username: String?

    @Option(help: "The folder of the controller's state.")
    var folder: String

    @Option(help: "How many seconds the JWT is good for; less than 300 means 10800, as with the real controller.")
    var lifetime = 10_800

    func validate() throws {
        guard !names.isEmpty else { throw ValidationError("an identity needs a name") }
        guard (method == .ottca) == (authority != nil) else {
            throw ValidationError("--authority goes with --method ottca, and only with it")
        }
        guard (method == .updb) == (username != nil) else {
            throw ValidationError("--username goes with --method updb, and only with it")
        }
    }

    func run() throws {
        let enrollment: EnrollmentMethod =
            switch method {
            case .ott: .ott
            case .ottca: .ottca(authority: authority ?? "")
            case .updb: .updb(username: username ?? "")
            case .erott: .erott
            }
        for name in names {
            print(
                try Controller.makeEnrollment(
                    name: name, method: enrollment, lifetimeSeconds: lifetime, inFolder: folder
                ).jwt)
        }
    }
}
