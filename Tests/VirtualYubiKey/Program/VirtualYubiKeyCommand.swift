internal import ArgumentParser

/// The program: a virtual YubiKey in a virtual reader, and lines to it.
@main
struct VirtualYubiKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virtual-yubikey",
        abstract: "A YubiKey in software, for development. It protects nothing.",
        discussion: """
            Example:
              Tests/VirtualYubiKey/in-namespace bash
              virtual-yubikey serve --state-folder /tmp/keys --socket /tmp/keys/control &
              virtual-yubikey send --socket /tmp/keys/control touch never 5
            """,
        subcommands: [ServeCommand.self, SendCommand.self])
}
