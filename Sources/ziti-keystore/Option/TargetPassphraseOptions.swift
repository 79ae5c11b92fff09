import ArgumentParser

/// Where the passphrase of the file comes from that gets the new key.
struct TargetPassphraseOptions: ParsableArguments {
    @Option(
        name: .customLong("to-passphrase-source"),
        help: ArgumentHelp(
            "Read the passphrase of the new key's file from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("to-passphrase-fd"),
        help: ArgumentHelp("Read the passphrase of the new key's file from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("to-passphrase-env"),
        help: ArgumentHelp(
            "Read the passphrase of the new key's file from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "to-passphrase", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
