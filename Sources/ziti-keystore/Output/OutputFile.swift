import Glibc

/// Writes a result to a new file.
enum OutputFile {
    /// Writes the bytes to a file that is not there yet, and leaves none behind if that fails. Throws `exists`,
    /// `cannotWrite`. The mode is what the umask leaves of 0666: nothing secret is written here.
    static func write(_ bytes: [UInt8], to path: String) throws {
        var descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        let isNew = descriptor >= 0
        // A device or pipe holds nothing that could be lost.
        if !isNew, errno == EEXIST, !isRegularFile(path) { descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else {
            let number = errno
            if number == EEXIST {
                throw CommandFailure(
                    status: .exists, code: "outputExists", message: "\(path) is there already, and is not overwritten",
                    operation: "write output", subject: path, hint: "remove it, or choose another name")
            }
            throw failure("open", path, number)
        }
        do {
            try bytes.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    guard count >= 0 else { throw failure("write", path, errno) }
                    rest = rest.dropFirst(count)
                }
            }
        } catch {
            close(descriptor)
            if isNew { unlink(path) }
            throw error
        }
        // A full disk behind a network may show itself only here. Not flushed to the disk: what is written here can be made
        // again, and flushing takes longer than a signature.
        guard close(descriptor) == 0 else {
            let number = errno
            if isNew { unlink(path) }
            throw failure("close", path, number)
        }
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
