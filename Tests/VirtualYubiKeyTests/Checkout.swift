import ChildProcess

/// Where the sources of this package are.
enum Checkout {
    static let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
}

extension Program {
    /// A program of a Python package that `.ci/setup` installs.
    static func installedForPython(_ name: String) throws -> Program {
        Program("\(Checkout.path)/.build/python/bin/\(name)")
    }
}
