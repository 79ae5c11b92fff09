import Glibc
import KeyStoreCore

/// Decides whether a library's code may be loaded: nobody but root and the caller may be able to change it, or to put
/// another in its place.
enum LibraryTrust {
    /// The library's real path. Throws `noSuchBackend` if there is none, `untrustedLibrary` naming what others can write.
    /// With `onlyRoot`, what the caller owns does not count as safe either.
    static func check(_ path: String, onlyRoot: Bool = false) throws(KeyStoreError) -> String {
        guard let resolved = realpath(path, nil) else {
            throw KeyStoreError(
                .noSuchBackend, "\(path) cannot be found: \(String(cString: strerror(errno)))",
                operation: "load library", subject: path)
        }
        defer { free(resolved) }
        let real = String(cString: resolved)
        var parts = real.split(separator: "/").map(String.init)
        var childOwner: uid_t?
        while true {
            let current = "/" + parts.joined(separator: "/")
            var status = stat()
            guard stat(current, &status) == 0 else {
                throw untrusted(path, "\(current) cannot be examined: \(String(cString: strerror(errno)))")
            }
            let isFile = childOwner == nil
            guard !isFile || status.st_mode & S_IFMT == S_IFREG else {
                throw KeyStoreError(
                    .incompatibleBackend, "\(real) is not a regular file", operation: "load library", subject: path)
            }
            guard isSafe(owner: status.st_uid, onlyRoot: onlyRoot) else {
                throw untrusted(path, "\(current) belongs to user \(status.st_uid)")
            }
            if status.st_mode & (S_IWGRP | S_IWOTH) != 0 {
                // In a sticky folder, such as /tmp, only the owner can replace what stands in it.
                let sticky = status.st_mode & S_ISVTX != 0
                guard !isFile, sticky, let childOwner, isSafe(owner: childOwner, onlyRoot: onlyRoot) else {
                    throw untrusted(path, "\(current) can be written by others than its owner")
                }
            }
            if parts.isEmpty { return real }
            childOwner = status.st_uid
            parts.removeLast()
        }
    }

    private static func isSafe(owner: uid_t, onlyRoot: Bool) -> Bool {
        owner == 0 || (!onlyRoot && owner == geteuid())
    }

    private static func untrusted(_ path: String, _ reason: String) -> KeyStoreError {
        KeyStoreError(
            .untrustedLibrary, "code from \(path) is not loaded: \(reason)", operation: "load library", subject: path)
    }
}
