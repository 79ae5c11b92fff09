import ArgumentParser

/// The user name and password that an enrollment sets, where its JWT is of the method 'updb'.
struct PasswordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The user's name, for JWTs of 'updb'; the administrator's name for the user counts.", valueName: "name"))
    var username: String?

    @Option(
        name: .customLong("password-source"),
        help: ArgumentHelp("Read the password to set from this file, which nobody else may read.", valueName: "file"))
    var source: String?

    @Option(
        name: .customLong("password-fd"),
        help: ArgumentHelp("Read the password to set from this open descriptor.", valueName: "n"))
    var descriptor: Int32?

    @Option(
        name: .customLong("password-env"),
        help: ArgumentHelp("Read the password to set from this environment variable.", valueName: "name"))
    var variable: String?

    /// The chosen source; nil where none was given.
    func choice() throws -> SecretChoice? {
        try SecretChoice(option: "password", source: source, descriptor: descriptor, variable: variable)
    }

    /// Whether anything of it was given.
    var isGiven: Bool { username != nil || source != nil || descriptor != nil || variable != nil }

    func validate() throws { _ = try choice() }
}
