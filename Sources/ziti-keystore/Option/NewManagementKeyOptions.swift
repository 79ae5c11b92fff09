import ArgumentParser

/// Where a management key comes from that is to be set.
struct NewManagementKeyOptions: ParsableArguments {
    @Option(
        name: .customLong("new-management-key-source"),
        help: ArgumentHelp(
            "Read the new management key, in hexadecimal, from this file, which nobody else may read.",
            valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("new-management-key-fd"),
        help: ArgumentHelp("Read the new management key, in hexadecimal, from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("new-management-key-env"),
        help: ArgumentHelp(
            "Read the new management key, in hexadecimal, from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "new-management-key", source: source, descriptor: descriptor, variable: variable)
    }

    func validate() throws { _ = try choice() }
}
