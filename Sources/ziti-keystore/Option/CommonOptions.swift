import ArgumentParser

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Use this backend instead of the one that the reference's scheme names.", valueName: "name"))
    var backend: String?

    @Option(help: ArgumentHelp("Load this PKCS#11 module.", valueName: "path"))
    var module: String?

    @Option(
        help: ArgumentHelp("Look for plugins in this folder only. May be given more than once.", valueName: "dir"))
    var pluginPath: [String] = []

    @Flag(help: "Print the result, and errors, as JSON.")
    var json = false

    @Option(help: ArgumentHelp("End with status 124 when it takes longer.", valueName: "seconds"))
    var timeout: Double?

    @Flag(help: "Never ask anything on the terminal.")
    var nonInteractive = false

    @Flag(help: "Send a PIN even if a wrong one would lock the token.")
    var allowLastTry = false

    @Flag(help: "Say more about what happens, on standard error.")
    var verbose = false

    func validate() throws {
        if let timeout, !(timeout > 0 && timeout <= 1e6) {
            throw ValidationError("'--timeout' takes a number of seconds above 0 and not above 1000000.")
        }
    }
}
