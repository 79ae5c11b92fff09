import Glibc
import KeyStoreCore

/// Writes files so that at any moment, a loss of power included, what stands at the path is whole: the old file, none, or
/// the new one.
enum NewFile {
    /// How the file gets from nowhere to its path.
    enum Method {
        /// It has no name until it is complete (O_TMPFILE), so that a killed process leaves nothing behind.
        case unnamed
        /// It has a hidden name in the same folder first, for file systems that cannot do that. A process killed at the
        /// wrong moment leaves that file, with mode 0600; nothing reads it.
        case hidden
    }

    /// Linux's value on all machines that Swift runs on; Glibc defines it only for GNU sources.
    private static let temporaryFile: Int32 = 0o20000000 | O_DIRECTORY

    /// Makes a file with mode 0600, whatever the umask. Never replaces anything: `keyExists`. What else fails is
    /// `writeFailed`, and no file is left.
    static func create(_ path: AbsolutePath, _ bytes: UnsafeRawBufferPointer) throws(KeyStoreError) {
        let unnamedWorks = try create(path, bytes, .unnamed)
        if !unnamedWorks { _ = try create(path, bytes, .hidden) }
    }

    /// The same in one of the two ways; false where the file system does not know the first.
    static func create(
        _ path: AbsolutePath, _ bytes: UnsafeRawBufferPointer, _ method: Method
    ) throws(KeyStoreError) -> Bool {
        switch method {
        case .unnamed:
            guard try writeUnnamed(path, bytes, mode: 0o600, replaces: false) else { return false }
        case .hidden:
            let hidden = try writeHidden(beside: path, bytes, mode: 0o600)
            let result = hidden.withCString { source in path.withCString { link(source, $0) } }
            let linkError = failure("link", path)
            _ = hidden.withCString { unlink($0) }
            guard result == 0 else { throw linkError }
        }
        try flush(path.folder)
        return true
    }

    /// Puts a file that others may read in place of the one at the path, if there is one.
    static func replace(_ path: AbsolutePath, _ bytes: UnsafeRawBufferPointer) throws(KeyStoreError) {
        if try !writeUnnamed(path, bytes, mode: 0o644, replaces: true) {
            try move(try writeHidden(beside: path, bytes, mode: 0o644), to: path)
        }
        try flush(path.folder)
    }

    /// Writes a file that has no name until it is complete; false where the file system does not know such files. One that
    /// replaces another has a hidden name for the moment of that.
    private static func writeUnnamed(
        _ path: AbsolutePath, _ bytes: UnsafeRawBufferPointer, mode: mode_t, replaces: Bool
    ) throws(KeyStoreError) -> Bool {
        let descriptor = path.folder.withCString { folder in
            CheckedFile.retrying { open(folder, temporaryFile | O_WRONLY | O_CLOEXEC, 0o600 as mode_t) }
        }
        guard descriptor >= 0 else {
            if [EOPNOTSUPP, EISDIR, EINVAL].contains(errno) { return false }
            throw failure("open", path)
        }
        defer { close(descriptor) }
        try fill(descriptor, bytes, mode: mode, path)
        func name(_ path: AbsolutePath) -> Bool {
            "/proc/self/fd/\(descriptor)".withCString { source in
                path.withCString { linkat(AT_FDCWD, source, AT_FDCWD, $0, AT_SYMLINK_FOLLOW) == 0 }
            }
        }
        if name(path) { return true }
        // Without /proc the file cannot be given a name.
        if errno == ENOENT { return false }
        guard errno == EEXIST, replaces else { throw failure("linkat", path) }
        let hidden = hiddenPath(beside: path)
        guard name(hidden) else { throw failure("linkat", path) }
        try move(hidden, to: path)
        return true
    }

    private static func move(_ hidden: AbsolutePath, to path: AbsolutePath) throws(KeyStoreError) {
        let result = hidden.withCString { source in path.withCString { rename(source, $0) } }
        guard result == 0 else {
            let error = failure("rename", path)
            _ = hidden.withCString { unlink($0) }
            throw error
        }
    }

    /// Removes the file's name; what was written stays on the disk until it is used again.
    static func remove(_ path: AbsolutePath) throws(KeyStoreError) {
        guard path.withCString({ unlink($0) }) == 0 else {
            let native = NativeError.errno("unlink")
            throw KeyStoreError(.writeFailed, "\(path.text) cannot be removed: \(native.errnoText)", native: native)
        }
        try flush(path.folder)
    }

    /// Throws `writeFailed` where a file certainly cannot be made, before a person is asked for a passphrase in vain.
    static func checkFolder(of path: AbsolutePath) throws(KeyStoreError) {
        guard path.folder.withCString({ faccessat(AT_FDCWD, $0, W_OK | X_OK, AT_EACCESS) }) == 0 else {
            throw failure("faccessat", path)
        }
    }

    private static func hiddenPath(beside path: AbsolutePath) -> AbsolutePath {
        path.folder.appending(Array(".\(String(UInt64.random(in: .min ... .max), radix: 36)).new".utf8))
    }

    private static func writeHidden(
        beside path: AbsolutePath, _ bytes: UnsafeRawBufferPointer, mode: mode_t
    ) throws(KeyStoreError) -> AbsolutePath {
        let hidden = hiddenPath(beside: path)
        let descriptor = hidden.withCString { name in
            CheckedFile.retrying { open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600 as mode_t) }
        }
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        do {
            try fill(descriptor, bytes, mode: mode, path)
        } catch {
            _ = hidden.withCString { unlink($0) }
            throw error
        }
        return hidden
    }

    private static func fill(
        _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, mode: mode_t, _ path: AbsolutePath
    ) throws(KeyStoreError) {
        // The umask took part in what open() did with the mode.
        guard fchmod(descriptor, mode) == 0 else { throw failure("fchmod", path) }
        var rest = bytes
        while !rest.isEmpty {
            let written = CheckedFile.retrying { write(descriptor, rest.baseAddress, rest.count) }
            guard written > 0 else { throw failure("write", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        guard CheckedFile.retrying({ fsync(descriptor) }) == 0 else { throw failure("fsync", path) }
    }

    /// Makes the folder's entries survive a loss of power.
    private static func flush(_ folder: AbsolutePath) throws(KeyStoreError) {
        let descriptor = folder.withCString { name in
            CheckedFile.retrying { open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        // A folder that may be written and not read cannot be flushed; the file is in it all the same.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Some file systems cannot flush folders, and say so with EINVAL.
        guard CheckedFile.retrying({ fsync(descriptor) }) == 0 || errno == EINVAL else {
            throw failure("fsync", folder)
        }
    }

    private static func failure(_ function: String, _ path: AbsolutePath) -> KeyStoreError {
        let native = NativeError.errno(function)
        if native.number == EEXIST {
            return KeyStoreError(.keyExists, "there is a file \(path.text) already, and it is kept", native: native)
        }
        return KeyStoreError(.writeFailed, "\(path.text) cannot be written: \(native.errnoText)", native: native)
    }
}
