import Glibc
import KeyStoreCore

/// Where plugins are looked for. A scheme's library is found by a rule, `libkeystore-SCHEME.so`, and not by a list.
struct PluginSearch: Sendable {
    /// The folders, in order.
    let directories: [String]

    private static let prefix = "libkeystore-"
    private static let suffix = ".so"

    /// Looks in the given folders only; for nil, beside the running program and where it would be installed.
    init(directories: [String]?) {
        self.directories = directories ?? Self.standardDirectories()
    }

    /// The library of a backend. Throws `noSuchBackend`, naming every place that was looked at.
    func library(named name: String) throws(KeyStoreError) -> PluginLibrary {
        let file = "\(Self.prefix)\(name)\(Self.suffix)"
        for directory in directories where access("\(directory)/\(file)", F_OK) == 0 {
            let library = try PluginLibrary.load("\(directory)/\(file)")
            guard library.info.name == name else {
                throw KeyStoreError(
                    .incompatibleBackend, "\(library.path) says that it is the backend '\(library.info.name)'",
                    operation: "load plugin", subject: library.path)
            }
            return library
        }
        throw KeyStoreError(
            .noSuchBackend,
            "there is no backend '\(name)': \(file) was looked for in \(directories.joined(separator: ", "))",
            operation: "load plugin", subject: name)
    }

    /// The names of the backends whose libraries stand in the folders, each once, in alphabetical order.
    func names() -> [String] {
        var names: Set<String> = []
        for directory in directories {
            guard let stream = opendir(directory) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let file = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard file.hasPrefix(Self.prefix), file.hasSuffix(Self.suffix) else { continue }
                names.insert(String(file.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)))
            }
        }
        return names.sorted()
    }

    private static func standardDirectories() -> [String] {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        guard length > 0 else { return ["/usr/local/lib/ziti-keystore", "/usr/lib/ziti-keystore"] }
        let program = String(decoding: buffer.prefix(length), as: UTF8.self)
        let folder = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? ""
        // The build folder holds both; an installation has bin/ beside lib/.
        var directories = [folder.isEmpty ? "/" : folder]
        if folder.hasSuffix("/bin") { directories.append("\(folder.dropLast(4))/lib/ziti-keystore") }
        return directories
    }
}
