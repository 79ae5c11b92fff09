import Glibc
import KeyStoreCore

/// Reads a secret from a file or descriptor straight into memory that is wiped.
enum SecretFile {
    /// The longest secret that is read, in bytes; no PIN or passphrase is longer.
    static let maximumLength = 1024

    /// Throws `policyRefused` for what is no regular file or can be read by others, `pinRequired` if it cannot be opened.
    static func read(_ path: String) throws(KeyStoreError) -> PIN {
        guard !path.hasPrefix("|") else {
            throw KeyStoreError(
                .policyRefused, "a secret is not read from a command ('|…'); use a file", operation: "read secret")
        }
        // Without O_NONBLOCK, opening a pipe would wait for its other end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let number = errno
            throw KeyStoreError(
                .pinRequired, "the secret cannot be read from \(path): \(String(cString: strerror(number)))",
                operation: "read secret", subject: path,
                native: NativeError(domain: "errno", function: "open", name: "", number: Int64(number)))
        }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw KeyStoreError(
                .policyRefused, "\(path) is not a regular file", operation: "read secret", subject: path)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw KeyStoreError(
                .policyRefused,
                "\(path) has mode 0\(String(status.st_mode & 0o777, radix: 8)), and others must not read a secret: "
                    + "chmod 600 \(path)",
                operation: "read secret", subject: path)
        }
        return try read(descriptor: descriptor, name: path)
    }

    static func read(descriptor: Int32, name: String) throws(KeyStoreError) -> PIN {
        let capacity = maximumLength + 2
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        var filled = 0
        defer {
            PIN.wipe(UnsafeMutableRawBufferPointer(rebasing: buffer[..<filled]))
            buffer.deallocate()
        }
        var count = 0
        while count < capacity {
            let got = Glibc.read(descriptor, buffer.baseAddress! + count, capacity - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                throw KeyStoreError(
                    .pinRequired, "the secret cannot be read from \(name): \(String(cString: strerror(errno)))",
                    operation: "read secret")
            }
            if got == 0 { break }
            count += got
            filled = count
        }
        if count > 0, buffer[count - 1] == UInt8(ascii: "\n") { count -= 1 }
        guard count > 0 else {
            throw KeyStoreError(.pinRequired, "there is no secret in \(name)", operation: "read secret")
        }
        guard count <= maximumLength else {
            throw KeyStoreError(
                .invalidData, "the secret in \(name) is longer than \(maximumLength) bytes", operation: "read secret")
        }
        return try PIN(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
}
