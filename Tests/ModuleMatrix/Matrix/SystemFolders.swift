import FoundationEssentials

/// Where Debian keeps libraries: each architecture has a folder of its own.
enum SystemFolders {
    /// `/usr/lib/x86_64-linux-gnu` or its like: the one that has p11-kit's modules.
    static let libraries: String = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        let found = names.sorted().first { FileManager.default.fileExists(atPath: "/usr/lib/\($0)/pkcs11") }
        return "/usr/lib/\(found ?? "no-architecture-has-a-pkcs11-folder")"
    }()

    /// Where packages put PKCS#11 modules.
    static let modules = "\(libraries)/pkcs11"
}
