internal import ArgumentParser
internal import DevelopmentController

/// `peers`: the further controllers that the controller tells its clients of.
struct PeersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Name the further controllers of the network, or print those that are named.",
        discussion: """
            The URLs replace those that were named before; nothing checks that a controller answers there. Works while
            the controller of the folder runs.

            Example:
              development-controller peers https://localhost:1281 --folder /tmp/controller
              development-controller peers --none --folder /tmp/controller
            """)

    @Argument(help: "URLs, https://HOST:PORT.")
    var urls: [String] = []

    @Flag(help: "Name none any more.")
    var none = false

    @Option(help: "The folder of the controller's state.")
    var folder: String

    func validate() throws {
        if none, !urls.isEmpty { throw ValidationError("--none goes without URLs") }
    }

    func run() throws {
        if none || !urls.isEmpty { try Controller.setPeers(urls, inFolder: folder) }
        for url in try Controller.peers(inFolder: folder) { print(url) }
    }
}
