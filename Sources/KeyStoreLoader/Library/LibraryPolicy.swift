import KeyStoreCore

/// Which native libraries backends may load, and on whose word.
struct LibraryPolicy: Sendable {
    /// Libraries that the administrator or the user allowed in a configuration file.
    let allowed: [String]
    /// Whether the reference stood in a file, so that a library it names is a wish and not an order.
    let referenceIsRequest: Bool

    func check(_ path: String, origin: LibraryOrigin) throws(KeyStoreError) {
        guard path.hasPrefix("/") else {
            throw KeyStoreError(
                .untrustedLibrary, "the library '\(path)' is not named by an absolute path", operation: "load library")
        }
        let real = try LibraryTrust.check(path)
        guard origin == .reference, referenceIsRequest else { return }
        if allowed.contains(where: { $0 == path || (try? LibraryTrust.check($0)) == real }) { return }
        do {
            _ = try LibraryTrust.check(path, onlyRoot: true)
        } catch {
            throw KeyStoreError(
                .untrustedLibrary,
                "code from \(path) is not loaded only because a file asks for it: name it with --module, or list it "
                    + "under \"modules\" in the configuration (\(error.message))",
                operation: "load library", subject: path)
        }
    }
}
