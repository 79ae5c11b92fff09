internal import ArgumentParser

/// The program: a virtual YubiKey in a reader, and commands to it.
@main
struct VirtualYubiKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virtual-yubikey", abstract: "A YubiKey in software, for development. It protects nothing.")
}
