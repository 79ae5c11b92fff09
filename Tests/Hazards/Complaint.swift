import Glibc

/// Writes to the standard error.
enum Complaint {
    static func write(_ text: String) {
        _ = (text + "\n").withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    }
}
