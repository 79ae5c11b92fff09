import ArgumentParser

/// Where the passphrase for a new key file comes from, in commands that read another one too.
struct NewPassphraseOptions: ParsableArguments {
    @Option(
        name: .customLong("new-passphrase-source"),
        help: ArgumentHelp(
            "Read the new file's passphrase from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("new-passphrase-fd"),
        help: ArgumentHelp("Read the new file's passphrase from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("new-passphrase-env"),
        help: ArgumentHelp("Read the new file's passphrase from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "new-passphrase", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
