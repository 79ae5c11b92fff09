internal import ArgumentParser
internal import DevelopmentController

/// `extend`: asks an identity to renew its certificate.
struct ExtendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Ask an identity to renew its certificate; print the identity's id.",
        discussion: """
            Works while the controller of the folder runs. Clients are told when they authenticate, until one has renewed.

            Example:
              development-controller extend laptop --folder /tmp/controller --roll-key
            """)

    @Argument(help: "The name of the identity, or its id where several have that name.")
    var identity: String

    @Option(help: "The folder of the controller's state.")
    var folder: String

    @Flag(help: "Ask for a new key too.")
    var rollKey = false

    func run() throws {
        print(try Controller.requestExtension(nameOrID: identity, rollsKey: rollKey, inFolder: folder))
    }
}
