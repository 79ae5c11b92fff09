import KeyStoreCore

/// One of the ways to a key that are compared: a reference, and the backend that opens it.
struct ComparisonPath: Sendable {
    /// The place among the paths, from 1.
    let number: Int
    let reference: KeyStoreURI
    /// The backend that was asked for; nil for the one that the reference chooses.
    let backend: String?
    /// The name of the backend.
    let name: String

    init(number: Int, reference: KeyStoreURI, backend: String?) throws(KeyStoreError) {
        self.number = number
        self.reference = reference
        self.backend = backend
        if let backend {
            name = backend
        } else {
            name = try reference.queryText("backend") ?? reference.scheme
        }
    }

    /// What a column or bar is called: "1 pkcs11", where the backend is named so.
    var title: String { "\(number) \(name)" }

    /// Runs work on this path, so that its failure says which path it was.
    func naming<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            var failure = CommandFailure(error)
            failure.message = "path \(number) (\(name)): \(failure.message)"
            throw failure
        }
    }
}

extension ComparisonPath {
    /// The paths that a command line names: one reference through several backends, several references through one or through
    /// their own, or as many backends as references, in their order. Throws a usage error for fewer than two paths, and for
    /// the same one twice.
    static func all(
        references: [KeyStoreURI], backends: [String], backend: String?
    ) throws -> [ComparisonPath] {
        var pairs: [(reference: KeyStoreURI, backend: String?)]
        if references.count == 1, !backends.isEmpty {
            pairs = backends.map { (references[0], $0) }
        } else if backends.isEmpty {
            pairs = references.map { ($0, backend) }
        } else if backends.count == references.count {
            pairs = zip(references, backends).map { ($0, $1) }
        } else {
            throw CommandFailure.usage(
                "'--backends' names \(backends.count) backends for \(references.count) references",
                hint: "one reference goes with any number, several with as many, in the same order")
        }
        guard pairs.count > 1 else {
            throw CommandFailure.usage(
                "there is one path only, and nothing to compare it with",
                hint: "give a second reference, or '--backends' with two names")
        }
        var paths: [ComparisonPath] = []
        for (index, pair) in pairs.enumerated() {
            let path = try ComparisonPath(number: index + 1, reference: pair.reference, backend: pair.backend)
            if let same = paths.first(where: { $0.reference == path.reference && $0.name == path.name }) {
                throw CommandFailure.usage("path \(same.number) and path \(path.number) are the same")
            }
            paths.append(path)
        }
        return paths
    }
}
