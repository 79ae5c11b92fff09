import KeyStoreCore

/// Why a command failed, as it is told to a person, a script and the shell. Holds no secret.
struct CommandFailure: Error {
    /// What the process ends with.
    var status: ExitStatus
    /// A name that scripts compare; for a key store's failure the name of its code.
    var code: String
    /// One sentence without a full stop; where several things match, they follow on lines of their own.
    var message: String
    /// What was being done.
    var operation = ""
    /// The reference or file it was done to, without secrets.
    var subject = ""
    /// What to do about it; empty where there is nothing to say.
    var hint = ""
    /// What a module, library or the system reported.
    var native: NativeError?

    /// A command line that asks for what cannot be.
    static func usage(_ message: String, hint: String = "") -> CommandFailure {
        CommandFailure(status: .usage, code: "usage", message: message, hint: hint)
    }

    /// A file or argument that does not hold what it should.
    static func badData(_ message: String, subject: String = "", hint: String = "") -> CommandFailure {
        CommandFailure(
            status: .badData, code: "\(KeyStoreError.Code.invalidData)", message: message, subject: subject, hint: hint)
    }

    /// A file that could not be read or written, with what the system said.
    static func file(
        _ status: ExitStatus, _ message: String, path: String, function: String, errno number: Int32
    ) -> CommandFailure {
        CommandFailure(
            status: status, code: status == .cannotWrite ? "writeFailed" : "readFailed", message: message,
            operation: function, subject: path,
            native: NativeError(domain: "errno", function: function, name: "", number: Int64(number)))
    }
}
