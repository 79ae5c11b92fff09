import KeyStoreCore
public import KeyStoreTesting

/// What each module cannot do: the one table, which the tests print and assert, and the backend's page shows.
public enum ModuleLimits {
    /// Each limit, and the modules that have it.
    private static let table: [(limit: KeyStoreConformance.Limit, modules: Set<MatrixModule>)] = [
        (.generating(.ecP256), [.openCryptoki]),
        (.generating(.ecP384), [.openCryptoki]),
        (.generating(.ecP521), [.openCryptoki, .tpm2]),
        (.generating(.ed25519), [.nss, .openCryptoki, .p11KitClient, .p11KitRemote, .tpm2]),
        (.generating(.rsa(bits: 4096)), [.tpm2]),
        (.importing(.ecP256), [.openCryptoki, .tpm2]),
        (.importing(.ecP384), [.openCryptoki, .tpm2]),
        (.importing(.ecP521), [.openCryptoki, .tpm2]),
        (.importing(.ed25519), [.nss, .openCryptoki, .p11KitClient, .p11KitRemote, .tpm2]),
        (.importing(.rsa(bits: 2048)), [.tpm2]),
    ]

    /// The module's column.
    public static func limits(of module: MatrixModule) -> Set<KeyStoreConformance.Limit> {
        Set(table.filter { $0.modules.contains(module) }.map(\.limit))
    }

    /// The table in Markdown, as the page has it: what is in no row, all modules can do.
    public static var markdown: String {
        let columns = MatrixModule.allCases
        func line(_ first: String, _ cells: [String]) -> String { "| \(([first] + cells).joined(separator: " | ")) |" }
        let head = line("", columns.map(\.rawValue))
        let rule = "|---|" + columns.map { _ in "---|" }.joined()
        let rows = table.map { limit, modules in
            line(capability(limit), columns.map { modules.contains($0) ? "no" : "yes" })
        }
        return ([head, rule] + rows).joined(separator: "\n")
    }

    /// "make EC P-256 keys" for the limit that says that it does not.
    private static func capability(_ limit: KeyStoreConformance.Limit) -> String {
        limit.description.replacing("does not ", with: "")
    }
}
