import ArgumentParser

/// Where the PIN of the token comes from that gets the new key. It is never the other token's: a PIN goes only where it
/// belongs.
struct TargetPINOptions: ParsableArguments {
    @Option(
        name: .customLong("to-pin-source"),
        help: ArgumentHelp(
            "Read the PIN of the new key's token from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("to-pin-fd"),
        help: ArgumentHelp("Read the PIN of the new key's token from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("to-pin-env"),
        help: ArgumentHelp("Read the PIN of the new key's token from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "to-pin", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
