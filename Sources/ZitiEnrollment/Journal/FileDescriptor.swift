import Glibc

/// An open file that closes itself. Owned by one task at a time.
final class FileDescriptor {
    let number: CInt

    private init(_ number: CInt) { self.number = number }

    deinit { close(number) }

    /// Opens a file; it is never inherited by child processes. Throws `SystemFailure`.
    static func open(_ path: String, _ flags: CInt, mode: mode_t = 0) throws(SystemFailure) -> FileDescriptor {
        let number = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw SystemFailure("open") }
        return FileDescriptor(number)
    }

    /// Writes all bytes at the file's position. Throws `SystemFailure`.
    func write(_ bytes: [UInt8]) throws(SystemFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress! + written, $0.count - written) }
            if count < 0 {
                guard errno == EINTR else { throw SystemFailure("write") }
            } else {
                written += count
            }
        }
    }

    /// Reads from the beginning, at most one byte more than `maximumLength`, so that the caller sees what is too long.
    /// Throws `SystemFailure`.
    func readAll(maximumLength: Int) throws(SystemFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= maximumLength {
            let count = pread(number, &buffer, min(buffer.count, maximumLength + 1 - bytes.count), off_t(bytes.count))
            if count == 0 { break }
            if count < 0 {
                guard errno == EINTR else { throw SystemFailure("pread") }
            } else {
                bytes += buffer[..<count]
            }
        }
        return bytes
    }

    /// Waits until what was written is on the disk. Throws `SystemFailure`.
    func synchronise() throws(SystemFailure) {
        while fsync(number) != 0 {
            guard errno == EINTR else { throw SystemFailure("fsync") }
        }
    }

    /// What the file is. Throws `SystemFailure`.
    func status() throws(SystemFailure) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw SystemFailure("fstat") }
        return status
    }

    /// Waits until the folder's entries are on the disk. Throws `SystemFailure`.
    static func synchroniseFolder(_ path: String) throws(SystemFailure) {
        try open(path, O_RDONLY | O_DIRECTORY).synchronise()
    }
}
