internal import ArgumentParser

/// The program: runs a controller on a folder, makes identities in it, and tells who authenticated.
@main
struct DevelopmentControllerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "development-controller",
        abstract: "A Ziti controller for development: enrolls identities and lets them authenticate.",
        discussion: """
            Example:
              development-controller serve --folder /tmp/controller --port 1280 &
              development-controller identity laptop --folder /tmp/controller > laptop.jwt
              development-controller sessions --folder /tmp/controller
            """,
        subcommands: [
            ServeCommand.self, IdentityCommand.self, AuthorityCommand.self, SignerCommand.self, NetworkCommand.self,
            SessionsCommand.self, ExtendCommand.self, PeersCommand.self,
        ])
}
