public import ArgumentParser
internal import DevelopmentController
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// `serve`: runs until it is told to stop.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a controller; its state is kept in a folder.",
        discussion: """
            Prints one line, the controller's URL, when it listens. SIGTERM or SIGINT stops it.

            Example:
              development-controller serve --folder /tmp/controller --port 1280 --server-key p256
            """)

    @Option(help: "The folder of the controller's state; it is made if it is not there.")
    var folder: String

    @Option(help: "The port on the loopback interface; 0 takes the last one again, or any.")
    var port = 0

    @Option(help: "The kind of key of a new PKI, and so of the enrollment JWTs: p256, p384, p521, rsa2048.")
    var serverKey = ServerKeyType.p256

    @Option(help: "The TLS versions that are accepted: 1.2, 1.3, both.")
    var tls = TLSVersions.both

    @Option(help: "The version of the real controller to behave as: 1.6, 2.0, 2.1.")
    var asVersion = ImitatedVersion.first

    @Flag(help: "Offer OpenID Connect below /oidc, and the capability OIDC_AUTH.")
    var oidc = false

    @Option(
        help: "Present certificates with a flaw: chain-out-of-order, leaf-only, expired, other-host.")
    var serverFlaw: ServerFlaw?

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is a number from 0 to 65535") }
    }

    func run() throws {
        // Blocked before any thread is started, so that every thread inherits it and only `sigwait` gets the signals;
        // that is why this is not an asynchronous command.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var configuration = Controller.Configuration()
        configuration.folder = folder
        configuration.port = port
        configuration.serverKey = serverKey
        configuration.tls = tls
        configuration.version = asVersion.text
        configuration.isOIDCEnabled = oidc
        configuration.serverFlaw = serverFlaw
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let controller = try eventLoop.makeFutureWithTask { [configuration] in
            try await Controller.start(configuration)
        }.wait()
        print(controller.url)
        fflush(nil)
        var received: CInt = 0
        sigwait(&signals, &received)
        try eventLoop.makeFutureWithTask { try await controller.shutdown() }.wait()
    }
}

extension ServerKeyType: ExpressibleByArgument {}
extension ServerFlaw: ExpressibleByArgument {}
extension TLSVersions: ExpressibleByArgument {}
