import KeyStoreCore
import KeyStoreLoader

/// Opens the paths of a comparison with their secrets.
struct PathOpener {
    let comparison: Comparison
    /// Whose PIN each path's is.
    let secretOwners: [String]

    /// Opens a path, logs in, and finds its key.
    func open(
        _ index: Int, afterStep: () -> Void = {}, onTrace: (@Sendable (String) -> Void)? = nil
    ) throws(KeyStoreError) -> OpenedPath {
        try open(
            index, pin: comparison.secrets.source(for: secretOwners[index]), afterStep: afterStep, onTrace: onTrace)
    }

    /// The same with another source of secrets.
    func open(
        _ index: Int, pin: PINSource, allowsLastTry: Bool = false, afterStep: () -> Void = {},
        onTrace: (@Sendable (String) -> Void)? = nil
    ) throws(KeyStoreError) -> OpenedPath {
        let path = comparison.paths[index]
        return try OpenedPath(path, pin: pin, afterStep: afterStep) { () throws(KeyStoreError) in
            try comparison.open(path, onTrace: onTrace, allowsLastTry: allowsLastTry)
        }
    }
}
