import ArgumentParser

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Use this backend instead of the one that the reference's scheme names.", valueName: "name"))
    var backend: String?

    @Option(help: ArgumentHelp("Load this PKCS#11 module.", valueName: "path"))
    var module: String?

    @Option(
        help: ArgumentHelp(
            "What the module named by --module is given when it is initialised. Only NSS and a few others take something.",
            valueName: "text"))
    var moduleArgs: String?

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

    @Option(
        help: ArgumentHelp(
            "Write every call into a PKCS#11 module or command to a card, and its result, to this new file, for a report of a fault; PINs are masked.",
            valueName: "file"))
    var trace: String?

    func validate() throws {
        if moduleArgs != nil, module == nil {
            throw ValidationError("'--module-args' goes with '--module': it is for that module alone.")
        }
        if let timeout, !(timeout > 0 && timeout <= 1e6) {
            throw ValidationError("'--timeout' takes a number of seconds above 0 and not above 1000000.")
        }
    }
}
