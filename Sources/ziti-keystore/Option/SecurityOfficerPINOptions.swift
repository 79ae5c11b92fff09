import ArgumentParser

/// Where the security officer's PIN of a token comes from.
struct SecurityOfficerPINOptions: ParsableArguments {
    @Option(
        name: .customLong("so-pin-source"),
        help: ArgumentHelp(
            "Read the security officer's PIN from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("so-pin-fd"),
        help: ArgumentHelp("Read the security officer's PIN from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("so-pin-env"),
        help: ArgumentHelp("Read the security officer's PIN from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "so-pin", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
