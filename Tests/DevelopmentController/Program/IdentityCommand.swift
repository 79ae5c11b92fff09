internal import ArgumentParser
internal import DevelopmentController

/// `identity`: makes an identity and prints its enrollment JWT.
struct IdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity",
        abstract: "Make an identity and print its enrollment JWT.",
        discussion: """
            Works while the controller of the folder runs. The JWT is a secret: whoever has it can enroll.

            Example:
              development-controller identity laptop --folder /tmp/controller > laptop.jwt
            """)

    @Argument(help: "The name of the new identity.")
    var name: String

    @Option(help: "The folder of the controller's state.")
    var folder: String

    @Option(help: "How many seconds the JWT is good for; less than 300 means 10800, as with the real controller.")
    var lifetime = 10_800

    func run() throws {
        print(
            try Controller.makeEnrollment(name: name, lifetimeSeconds: lifetime, inFolder: folder).jwt)
    }
}
