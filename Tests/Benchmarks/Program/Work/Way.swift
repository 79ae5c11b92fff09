internal import ArgumentParser

/// How a program calls a key.
enum Way: String, ExpressibleByArgument, CaseIterable {
    /// The blocking mirror, on threads of the program.
    case mirror
    /// The asynchronous API inside `withSession`.
    case scope
    /// Single asynchronous calls from Swift's cooperative pool.
    case single
}
