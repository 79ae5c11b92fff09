import Glibc
import KeyStoreCore

/// Reads a PIN from the file that a reference names.
enum PINFile {
    /// The file's contents without one newline at the end. Throws `pinRequired` where there is no such file, `policyRefused`
    /// where others than its owner could read it, or for what is no regular file.
    static func read(_ path: String) throws(KeyStoreError) -> PIN {
        func refused(_ code: KeyStoreError.Code, _ reason: String) -> KeyStoreError {
            KeyStoreError(code, "the PIN file \(path) \(reason)", operation: "read PIN file")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw refused(.pinRequired, "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw refused(.policyRefused, "is not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw refused(.policyRefused, "can be read or written by others than its owner; chmod it to 0600")
        }

        // One byte more than the longest PIN with its newline shows that the file is too long.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: maximumLength + 2, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        var count = 0
        while count < buffer.count {
            let length = Glibc.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
            if length < 0 && errno == EINTR { continue }
            guard length >= 0 else {
                throw refused(.pinRequired, "cannot be read: \(String(cString: strerror(errno)))")
            }
            if length == 0 { break }
            count += length
        }
        if count > 0, buffer[count - 1] == UInt8(ascii: "\n") { count -= 1 }
        guard count <= maximumLength else { throw refused(.invalidData, "is too long") }
        guard count > 0 else { throw refused(.pinRequired, "is empty") }
        return try PIN(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// The longest PIN that a file may hold, in bytes.
    static let maximumLength = 1024
}
