import ArgumentParser

/// Where a PIN comes from that is to be set.
struct NewPINOptions: ParsableArguments {
    @Option(
        name: .customLong("new-pin-source"),
        help: ArgumentHelp("Read the new PIN from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("new-pin-fd"),
        help: ArgumentHelp("Read the new PIN from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("new-pin-env"),
        help: ArgumentHelp("Read the new PIN from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "new-pin", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
