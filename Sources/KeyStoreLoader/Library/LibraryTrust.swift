import Glibc
import KeyStoreCore

/// Decides whether a library's code may be loaded: nobody but root and the caller may be able to change it, or to put
/// another in its place, on the whole way to it, symbolic links included. Access control lists are not looked at.
enum LibraryTrust {
    private static let maximumLinks = 40

    /// The library's real path. Throws `noSuchBackend` if there is none, `untrustedLibrary` naming what others can write.
    /// With `onlyRoot`, what the caller owns does not count as safe either.
    static func check(_ path: String, onlyRoot: Bool = false) throws(KeyStoreError) -> String {
        var ahead = try parts(of: absolute(path))
        // The way so far, without links.
        var folder: [String] = []
        var links = 0
        while let name = ahead.popLast() {
            if name == ".." {
                _ = folder.popLast()
                continue
            }
            let current = text(folder + [name])
            let entry = try status(of: current, wanted: path)
            try checkFolder(text(folder), holding: entry, wanted: path, onlyRoot: onlyRoot)
            if entry.st_mode & S_IFMT == S_IFLNK {
                links += 1
                guard links <= maximumLinks, let target = linkTarget(of: current) else {
                    throw missing(path, "a symbolic link on the way to it leads nowhere")
                }
                if target.hasPrefix("/") { folder = [] }
                ahead += parts(of: target)
                continue
            }
            folder.append(name)
            guard ahead.isEmpty else { continue }
            guard entry.st_mode & S_IFMT == S_IFREG else {
                throw KeyStoreError(
                    .incompatibleBackend, "\(current) is not a regular file", operation: "load library", subject: path)
            }
            try checkOwner(of: current, entry, wanted: path, onlyRoot: onlyRoot)
            guard entry.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
                throw untrusted(path, "\(current) can be written by others than its owner")
            }
            return current
        }
        throw KeyStoreError(
            .incompatibleBackend, "\(path) is not a regular file", operation: "load library", subject: path)
    }

    /// That nobody else can replace this entry of the folder. In a sticky one, such as /tmp, only an entry's owner can.
    private static func checkFolder(
        _ folder: String, holding entry: stat, wanted path: String, onlyRoot: Bool
    ) throws(KeyStoreError) {
        let status = try status(of: folder, wanted: path)
        try checkOwner(of: folder, status, wanted: path, onlyRoot: onlyRoot)
        guard status.st_mode & (S_IWGRP | S_IWOTH) != 0 else { return }
        guard status.st_mode & S_ISVTX != 0, isSafe(owner: entry.st_uid, onlyRoot: onlyRoot) else {
            throw untrusted(path, "\(folder) can be written by others than its owner")
        }
    }

    private static func checkOwner(
        of current: String, _ status: stat, wanted path: String, onlyRoot: Bool
    ) throws(KeyStoreError) {
        guard isSafe(owner: status.st_uid, onlyRoot: onlyRoot) else {
            throw untrusted(path, "\(current) belongs to user \(status.st_uid)")
        }
    }

    private static func isSafe(owner: uid_t, onlyRoot: Bool) -> Bool {
        owner == 0 || (!onlyRoot && owner == geteuid())
    }

    private static func status(of current: String, wanted path: String) throws(KeyStoreError) -> stat {
        var status = stat()
        guard lstat(current, &status) == 0 else { throw missing(path, String(cString: strerror(errno))) }
        return status
    }

    private static func linkTarget(of link: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(link, &buffer, buffer.count)
        guard (1..<buffer.count).contains(length) else { return nil }
        return String(validating: buffer.prefix(length), as: UTF8.self)
    }

    private static func absolute(_ path: String) throws(KeyStoreError) -> String {
        guard !path.hasPrefix("/") else { return path }
        guard let current = getcwd(nil, 0) else { throw missing(path, String(cString: strerror(errno))) }
        defer { free(current) }
        return "\(String(cString: current))/\(path)"
    }

    /// The names in a path, the next one last.
    private static func parts(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0 != "." }.reversed()
    }

    private static func text(_ parts: [String]) -> String { "/" + parts.joined(separator: "/") }

    private static func missing(_ path: String, _ reason: String) -> KeyStoreError {
        KeyStoreError(
            .noSuchBackend, "\(path) cannot be found: \(reason)", operation: "load library", subject: path)
    }

    private static func untrusted(_ path: String, _ reason: String) -> KeyStoreError {
        KeyStoreError(
            .untrustedLibrary, "code from \(path) is not loaded: \(reason)", operation: "load library", subject: path)
    }
}
