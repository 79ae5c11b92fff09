import ArgumentParser

/// Where a PUK comes from that is to be set.
struct NewPUKOptions: ParsableArguments {
    @Option(
        name: .customLong("new-puk-source"),
        help: ArgumentHelp("Read the new PUK from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("new-puk-fd"),
        help: ArgumentHelp("Read the new PUK from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("new-puk-env"),
        help: ArgumentHelp("Read the new PUK from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "new-puk", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
