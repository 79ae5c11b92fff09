import Glibc

/// A system call that failed, with the number the system gave.
struct SystemFailure: Error, CustomStringConvertible {
    let function: String
    let number: CInt

    /// Takes the number from `errno`.
    init(_ function: String) {
        number = errno
        self.function = function
    }

    /// "Permission denied (open)".
    var description: String { "\(String(cString: strerror(number))) (\(function))" }
}
