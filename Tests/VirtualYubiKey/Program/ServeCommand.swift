internal import ArgumentParser
internal import Foundation
internal import VirtualYubiKey

/// `serve`: a key in a reader, until it is told to stop.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Put a key into a virtual reader, and do what lines say.",
        discussion: """
            Prints one line when clients can see the key. Then it reads lines from the standard input, or from connections to
            the socket; each is answered by what there is to say and a last line, `ok` or `error: …`. `help` tells all.
            Without a socket it ends with its input; otherwise `quit`, SIGTERM or SIGINT end it.
            """)

    @Option(help: "The firmware, which decides what the key can do: 5.4.3, 5.7.1 or another.")
    var firmware = "5.4.3"

    @Option(help: "The serial number.")
    var serial: UInt32 = 112_233

    @Option(help: "A folder for the keys' states, which are in clear; without one they are forgotten.")
    var stateFolder: String?

    @Option(help: "Where to write the certificate at the end of the chain of attestations, PEM.")
    var rootOut: String?

    @Option(help: "A Unix socket to make, for `send`.")
    var socket: String?

    @Option(help: "The port of a reader of a pcscd that runs; without it, one is started and ended with the program.")
    var port: UInt16?

    func validate() throws {
        guard FirmwareVersion(firmware) != nil else { throw ValidationError("--firmware is three numbers: 5.7.1") }
    }

    func run() throws {
        // Before any thread is started, so that all inherit it and only `sigwait` gets the signals.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let daemon = port == nil ? try PCSCDaemon() : nil
        defer { daemon?.stop() }
        let key = try makeKey(serial)
        if let rootOut { try key.attestationRootPEM().write(toFile: rootOut, atomically: true, encoding: .utf8) }
        let port = port ?? daemon?.ports[0] ?? 0
        try key.plug(intoPort: port)
        let console = SharedConsole(Console(key, port: port, makeKey: makeKey))
        defer { console.close() }
        if let socket { try LineServer.listen(socket, console) } else { console.serveStandardInput() }
        print("key \(serial) with firmware \(firmware) is plugged in")
        fflush(nil)
        var received: CInt = 0
        sigwait(&signals, &received)
        if let socket { unlink(socket) }
    }

    private func makeKey(_ serial: UInt32) throws -> YubiKey {
        if let stateFolder {
            try FileManager.default.createDirectory(
                atPath: stateFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        return try YubiKey(
            firmware: FirmwareVersion(firmware)!, serial: serial, stateFile: stateFolder.map { "\($0)/\(serial).json" })
    }
}
