/// Why a child could not be run, or was not waited for any longer.
public enum ProgramFailure: Error, CustomStringConvertible {
    /// No such program in the folders of PATH.
    case notFound(String)
    /// A system call failed.
    case system(String, errno: Int32)
    /// The child did not do in time what was waited for. It was killed, and had printed this.
    case deadline(program: String, waitedFor: String, ProgramOutcome)
    /// The child ended before it did what was waited for.
    case ended(program: String, waitedFor: String, ProgramOutcome)

    /// One sentence, with what the child had printed.
    public var description: String {
        switch self {
        case .notFound(let name): "there is no program '\(name)' in PATH"
        case .system(let call, let number): "\(call) failed with errno \(number)"
        case .deadline(let program, let wanted, let outcome): "\(program) did not \(wanted) in time; \(outcome)"
        case .ended(let program, let wanted, let outcome): "\(program) ended and did not \(wanted); \(outcome)"
        }
    }
}
