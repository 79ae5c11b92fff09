internal import ArgumentParser
internal import DevelopmentController

/// `network`: prints the JWT that proves which network this is.
struct NetworkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Print a JWT of method network, which enrolls nobody and proves which network this is.",
        discussion: """
            Example:
              development-controller network --folder /tmp/controller > network.jwt
            """)

    @Option(help: "The folder of the controller's state.")
    var folder: String

    func run() throws {
        print(try Controller.networkJWT(inFolder: folder))
    }
}
