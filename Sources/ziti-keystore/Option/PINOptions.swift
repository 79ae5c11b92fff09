import ArgumentParser

/// Where a token's PIN comes from.
struct PINOptions: ParsableArguments {
    @Option(
        name: .customLong("pin-source"),
        help: ArgumentHelp("Read the PIN from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(name: .customLong("pin-fd"), help: ArgumentHelp("Read the PIN from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("pin-env"),
        help: ArgumentHelp("Read the PIN from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "pin", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
