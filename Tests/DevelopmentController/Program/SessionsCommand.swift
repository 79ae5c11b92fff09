internal import ArgumentParser
internal import DevelopmentController
internal import FoundationEssentials

/// `sessions`: tells who authenticated.
struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Print the API sessions, oldest first.",
        discussion: """
            One line each, parted by tabs: the identity's name, the identity's id, the session's id, when it began
            (RFC 3339), and `active` or `ended`, which is what a logout makes of it.

            Example:
              development-controller sessions --folder /tmp/controller
            """)

    @Option(help: "The folder of the controller's state.")
    var folder: String

    func run() throws {
        for session in try Controller.apiSessions(inFolder: folder) {
            let fields = [
                session.identityName, session.identityID, session.id, session.createdAt.ISO8601Format(),
                session.endedAt == nil ? "active" : "ended",
            ]
            print(fields.joined(separator: "\t"))
        }
    }
}
