import Glibc

/// The modules that p11-kit's configuration files name (pkcs11.conf(5)), read without loading any.
///
/// p11-kit itself tells only after it has loaded them all. This answers what must be known before or without that: which
/// code is about to be loaded, and whether a reference needs to name its module.
struct ModuleConfiguration: Sendable {
    /// A module file: its name without the suffix, and the library it names; nil for a remote module.
    struct Entry: Hashable, Sendable {
        var name: String
        var path: String?
    }

    let entries: [Entry]
    private let realPaths: Set<String>

    /// The configuration of this machine, read once.
    static let system = ModuleConfiguration(folders: folders())

    /// Reads the module files in the folders; a later folder's file takes the place of an earlier one's of the same name.
    init(folders: [String]) {
        var byName: [String: Entry] = [:]
        for folder in folders {
            for file in ModuleFolders.entries(of: folder) where file.hasSuffix(".module") {
                let name = String(file.dropLast(".module".count))
                byName[name] = Entry(name: name, path: Self.library(in: "\(folder)/\(file)"))
            }
        }
        entries = byName.values.sorted { $0.name < $1.name }
        realPaths = Set(entries.compactMap { $0.path.flatMap { try? ModuleLibrary.realPath($0) } })
    }

    /// Whether a module file names this library. The path has no symbolic links.
    func contains(_ realPath: String) -> Bool { realPaths.contains(realPath) }

    /// The file's `module` line. A relative path is looked for in the modules' folder, as p11-kit does.
    private static func library(in file: String) -> String? {
        for line in lines(of: file) {
            guard let colon = line.firstIndex(of: ":"), trim(line[..<colon]) == "module" else { continue }
            let value = trim(line[line.index(after: colon)...])
            if value.hasPrefix("/") || value.isEmpty { return value.isEmpty ? nil : value }
            return ModuleFolders.all.filter { $0.hasSuffix("/pkcs11") }.map { "\($0)/\(value)" }
                .first { access($0, F_OK) == 0 }
        }
        return nil
    }

    /// Package, system, user: the last two only where p11-kit would read them too.
    private static func folders() -> [String] {
        let shipped = ["/usr/share/p11-kit/modules", "/etc/pkcs11/modules"]
        // p11-kit does not read a user's files in a program of root's, or one with more rights than its user.
        guard getuid() != 0, getuid() == geteuid(), getgid() == getegid() else { return shipped }
        let mode = lines(of: "/etc/pkcs11/pkcs11.conf").lazy.compactMap { line -> String? in
            guard let colon = line.firstIndex(of: ":"), trim(line[..<colon]) == "user-config" else { return nil }
            return trim(line[line.index(after: colon)...])
        }.first
        guard mode != "none", let user = userFolder() else { return shipped }
        return mode == "only" ? [user] : shipped + [user]
    }

    private static func userFolder() -> String? {
        if let folder = getenv("XDG_CONFIG_HOME") { return String(cString: folder) + "/pkcs11/modules" }
        return getenv("HOME").map { String(cString: $0) + "/.config/pkcs11/modules" }
    }

    private static func trim(_ text: some StringProtocol) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" || character == "\r" }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return String(rest)
    }

    private static func lines(of path: String) -> [Substring] {
        guard let file = BoundedFile.read(path, maximumLength: 65536) else { return [] }
        return String(decoding: file, as: UTF8.self).split(separator: "\n")
            .filter { !trim($0).hasPrefix("#") }
    }
}
