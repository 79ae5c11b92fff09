import ArgumentParser

/// Where the PUK of a token comes from, which unblocks its PIN.
struct PUKOptions: ParsableArguments {
    @Option(
        name: .customLong("puk-source"),
        help: ArgumentHelp("Read the PUK from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("puk-fd"),
        help: ArgumentHelp("Read the PUK from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("puk-env"),
        help: ArgumentHelp("Read the PUK from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "puk", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
