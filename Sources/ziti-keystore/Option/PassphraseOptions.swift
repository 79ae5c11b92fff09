import ArgumentParser

/// Where the passphrase of a key file comes from.
struct PassphraseOptions: ParsableArguments {
    @Option(
        name: .customLong("passphrase-source"),
        help: ArgumentHelp("Read the passphrase from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("passphrase-fd"),
        help: ArgumentHelp("Read the passphrase from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("passphrase-env"),
        help: ArgumentHelp("Read the passphrase from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "passphrase", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
