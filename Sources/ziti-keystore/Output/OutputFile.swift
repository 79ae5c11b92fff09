import Glibc

/// Writes a result to a new file.
enum OutputFile {
    /// Writes the bytes to a file that is not there yet, and leaves none behind if that fails. Throws `exists`,
    /// `cannotWrite`. The mode is what the umask leaves of 0666: nothing secret is written here.
    static func write(_ bytes: [UInt8], to path: String) throws {
        try bytes.withUnsafeBytes { try write($0, to: path, mode: 0o666) }
    }

    /// The same for a secret: nobody but the owner can read the file.
    static func write(secret bytes: UnsafeRawBufferPointer, to path: String) throws {
        try write(bytes, to: path, mode: 0o600)
    }

    /// Opens a file for writing that is not there yet, or a device or pipe, which holds nothing that could be lost. Throws
    /// `exists`, `cannotWrite`. The caller closes it.
    static func create(_ path: String, mode: mode_t) throws -> (descriptor: Int32, isNew: Bool) {
        var descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        let isNew = descriptor >= 0
        if !isNew, errno == EEXIST, !isRegularFile(path) { descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
        guard descriptor < 0 else { return (descriptor, isNew) }
        let number = errno
        guard number == EEXIST else { throw failure("open", path, number) }
        throw isThere(path)
    }

    /// Why a file is not written that is there.
    static func isThere(_ path: String) -> CommandFailure {
        CommandFailure(
            status: .exists, code: "outputExists", message: "\(path) is there already, and is not overwritten",
            operation: "write output", subject: path, hint: "remove it, or choose another name")
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to path: String, mode: mode_t) throws {
        let (descriptor, isNew) = try create(path, mode: mode)
        if let number = StandardStream.write(bytes, to: descriptor) {
            close(descriptor)
            if isNew { unlink(path) }
            throw failure("write", path, number)
        }
        // A full disk behind a network may show itself only here. Not flushed to the disk: what is written here can be made
        // again, and flushing takes longer than a signature.
        guard close(descriptor) == 0 else {
            let number = errno
            if isNew { unlink(path) }
            throw failure("close", path, number)
        }
    }

    /// Whether something has the path's name that writing would not be added to.
    static func isTaken(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && isRegularFile(path)
    }

    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        // What cannot be examined is left alone.
        guard stat(path, &status) == 0 else { return true }
        return status.st_mode & S_IFMT == S_IFREG || status.st_mode & S_IFMT == S_IFDIR
    }

    private static func failure(_ function: String, _ path: String, _ number: Int32) -> CommandFailure {
        .file(
            .cannotWrite, "\(path) cannot be written: \(String(cString: strerror(number)))", path: path,
            function: function, errno: number)
    }
}
