import ArgumentParser

/// Where the key comes from that allows changes to a token, for tokens that have one.
struct ManagementKeyOptions: ParsableArguments {
    @Option(
        name: .customLong("management-key-source"),
        help: ArgumentHelp(
            "Read the token's management key, in hexadecimal, from this file, which nobody else may read.",
            valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("management-key-fd"),
        help: ArgumentHelp(
            "Read the token's management key, in hexadecimal, from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("management-key-env"),
        help: ArgumentHelp(
            "Read the token's management key, in hexadecimal, from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "management-key", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
