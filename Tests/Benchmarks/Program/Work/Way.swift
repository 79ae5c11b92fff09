internal import ArgumentParser

/// How a program calls a key.
enum Way: String, ExpressibleByArgument, CaseIterable {
    /// The blocking mirror, on threads of the program.
    case mirror
    /// The asynchronous API inside `withSession`, a scope for each loop.
    case scope
    /// Single asynchronous calls from Swift's cooperative pool, a session for each loop.
    case single
    /// The same with one key for all loops.
    case shared

    /// Those that give every loop a session.
    static let alone: [Way] = [.mirror, .scope, .single]

    /// In the words of the table.
    var title: String {
        switch self {
        case .mirror: "ours, blocking mirror"
        case .scope: "ours, async in a session scope"
        case .single: "ours, single async calls"
        case .shared: "ours, single async calls on one key"
        }
    }
}
