import KeyStoreCore
public import KeyStoreTesting

/// What each module cannot do: the one table, which the tests print and assert, and the backend's page shows.
public enum ModuleLimits {
    private typealias Row = (limit: KeyStoreConformance.Limit, modules: Set<MatrixModule>)

    /// Each limit, and the modules that have it.
    private static let table: [Row] =
        [
            (.generating(.ecP256), yubiKeys.union([.openCryptoki])),
            (.generating(.ecP384), yubiKeys.union([.openCryptoki])),
            (.generating(.ecP521), yubiKeys.union([.openCryptoki, .tpm2])),
            (
                .generating(.ed25519),
                yubiKeys.union([.nss, .openCryptoki, .p11KitClient, .p11KitRemote, .tpm2])
            ),
            (.generating(.x25519), Set(MatrixModule.allCases)),
            (.generating(.rsa(bits: 2048)), yubiKeys), (.generating(.rsa(bits: 3072)), yubiKeys),
            (.generating(.rsa(bits: 4096)), yubiKeys.union([.tpm2])),
            (.importing(.ecP256), yubiKeys.union([.openCryptoki, .tpm2])),
            (.importing(.ecP384), yubiKeys.union([.openCryptoki, .tpm2])),
            (.importing(.ecP521), yubiKeys.union([.openCryptoki, .tpm2])),
            (
                .importing(.ed25519),
                yubiKeys.union([.nss, .openCryptoki, .p11KitClient, .p11KitRemote, .tpm2])
            ),
            (.importing(.x25519), Set(MatrixModule.allCases)),
            (.importing(.rsa(bits: 2048)), yubiKeys.union([.tpm2])),
            (.signing(.ecP384, .ecdsaP384SHA384), [.openSC]),
            (.decrypting(.rsa(bits: 2048), .rsaPKCS1), [.openCryptoki]),
        ] + decryptingWithLaterHashes + [(.decryptingEmptyMessages, [.ykcs11])] + agreeing + [
            (.separatingPurposes, yubiKeys.union([.tpm2])), (.storingCertificates, yubiKeys), (.relabelling, yubiKeys),
            (.deleting, yubiKeys),
        ]

    private static let decryptingWithLaterHashes: [Row] = [.rsaOAEPSHA256, .rsaOAEPSHA384, .rsaOAEPSHA512].map {
        (.decrypting(.rsa(bits: 2048), $0), softHSM2Tokens)
    }

    private static let agreeing: [Row] = [KeyType.ecP256, .ecP384, .ecP521].map {
        // tpm2-pkcs11 makes no P-521 keys at all.
        (.agreeing($0), Set<MatrixModule>([.p11KitClient, .p11KitRemote]).union($0 == .ecP521 ? [] : [.tpm2]))
    }

    /// The modules in front of a YubiKey, which only sign with what is on it: making and storing wants the management key.
    private static let yubiKeys: Set<MatrixModule> = [.ykcs11, .openSC]

    /// The modules behind which SoftHSM2 is.
    private static let softHSM2Tokens: Set<MatrixModule> = [.softHSM2, .p11KitClient, .p11KitRemote, .p11KitProxy]

    /// The module's column.
    public static func limits(of module: MatrixModule) -> Set<KeyStoreConformance.Limit> {
        Set(table.filter { $0.modules.contains(module) }.map(\.limit))
    }

    /// The table in Markdown, as the page has it. What is in no row, all modules can do.
    public static var markdown: String {
        let columns = MatrixModule.allCases
        func line(_ first: String, _ cells: [String]) -> String { "| \(([first] + cells).joined(separator: " | ")) |" }
        let head = line("", columns.map(\.rawValue))
        let rule = "|---|" + columns.map { _ in "---|" }.joined()
        let rows = table.map { limit, _ in line(capability(limit), columns.map { cell(limit, $0) }) }
        return ([head, rule] + rows).joined(separator: "\n")
    }

    /// "make EC P-256 keys" for the limit that says that it does not.
    private static func capability(_ limit: KeyStoreConformance.Limit) -> String {
        limit.description.replacing("does not ", with: "")
    }

    /// A dash stands where there is nothing to try it with.
    private static func cell(_ limit: KeyStoreConformance.Limit, _ module: MatrixModule) -> String {
        let limits = limits(of: module)
        if limits.contains(limit) { return "no" }
        let type: KeyType? =
            switch limit {
            case .signing(let type, _), .signingDigests(let type), .decrypting(let type, _), .agreeing(let type): type
            default: nil
            }
        guard let type, limits.isSuperset(of: [.generating(type), .importing(type)]), !module.givenTypes.contains(type)
        else { return "yes" }
        return "–"
    }
}
