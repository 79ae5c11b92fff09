/// What goes wrong with one command.
public enum Fault: Sendable, Equatable {
    /// The command is not executed, and this is the answer.
    case status(StatusWord)
    /// The command is not executed: the key is pulled out, and stays out until it is plugged in.
    case unplug
    /// The command is executed, and the key pulled out before it answers.
    case unplugAfterwards
    /// The command is not executed: the key is pulled out and back at once, so quickly that pcscd may not notice, and tell its
    /// clients of a failed command only.
    case reconnect
    /// The command is executed after so many seconds.
    case delay(seconds: Double)
    /// The command is executed, and the answer is cut off behind so many bytes: it has no status word then, unless they
    /// happen to be more than there are.
    case truncate(toBytes: Int)
    /// The command is executed, and this is answered instead, status word included: lengths may lie in it.
    case answer([UInt8])
    /// The command is executed, and its data changed before it is answered: the data here, then the true status word.
    case data([UInt8])
}
