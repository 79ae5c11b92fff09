/// What the process ends with. The numbers are those of sysexits.h where that has one that fits; none is used for two things
/// that a script would treat differently.
enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done.
    case done = 0
    /// The command line, or a reference in it, cannot be understood.
    case usage = 64
    /// A file, signature, certificate, attestation or enrollment JWT does not hold what it should.
    case badData = 65
    /// No such token, key or certificate, or another one stands there.
    case notFound = 66
    /// Several tokens or keys match.
    case ambiguous = 67
    /// What was to be made is there already.
    case exists = 68
    /// The controller, device or backend cannot be reached, failed, or cannot do what was asked.
    case unavailable = 69
    /// A defect of this program.
    case defect = 70
    /// A file or the standard output cannot be written.
    case cannotWrite = 73
    /// The one-time token was spent, and its answer got lost.
    case tokenSpent = 75
    /// The controller refused.
    case refused = 76
    /// The PIN is missing, wrong or locked, or a rule forbids the operation.
    case notPermitted = 77
    /// A plugin, module or configuration file is missing, unusable or not to be trusted.
    case configuration = 78
    /// The time limit passed, or nobody touched the device.
    case timedOut = 124
    /// The person gave up.
    case cancelled = 130

    /// The table that `--help` shows.
    static let help = """
        EXIT STATUS:
          0    done
          64   the command line, or a reference in it, cannot be understood
          65   a file, signature, certificate, attestation or JWT does not hold what it should
          66   no such token, key or certificate, or another one than was asked for
          67   several tokens or keys match; the message lists them
          68   it is there already; nothing was overwritten
          69   controller, device or backend unavailable, or unable to do that
          70   a defect of this program
          73   a file or the standard output cannot be written
          75   the one-time enrollment token was spent and its answer got lost
          76   the controller refused
          77   PIN or passphrase missing, wrong or locked, or refused by policy
          78   plugin, module or configuration missing, unusable or not trusted
          124  the time limit passed, or nobody touched the device
          130  cancelled
        """
}
