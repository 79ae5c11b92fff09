import Glibc
import KeyStoreCore

/// Reads files whose permissions matter. What is checked is the descriptor that is read, so nobody can exchange the file in
/// between. Symbolic links are followed, as containers mount secrets through them; what they lead to is checked.
enum CheckedFile {
    /// The longest file that is read, in bytes.
    static let maximumLength = 1 << 20

    /// What a file may be, so that its contents can be believed.
    enum Rule {
        /// Nobody but the owner may read or write it.
        case secret
        /// Nobody but the owner may write it.
        case trusted

        var forbiddenBits: UInt32 { self == .secret ? 0o077 : 0o022 }
        var remedy: String { self == .secret ? "chmod 600" : "chmod go-w" }
    }

    /// Passes the contents, which are wiped afterwards, to `body`, after the rule was enforced if there is one. A file that
    /// is not there is the error `absent`; one that is no regular file, breaks the rule or may not be read is
    /// `policyRefused`; one that is too long `invalidData`.
    static func read<Result>(
        _ path: AbsolutePath, _ rule: Rule?, absent: KeyStoreError.Code,
        _ body: (UnsafeRawBufferPointer, FileStatus) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        // Without O_NONBLOCK a FIFO would make us wait for a writer before its kind can be checked.
        let descriptor = path.withCString { name in
            retrying { open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        }
        guard descriptor >= 0 else { throw openFailure(path, absent) }
        defer { close(descriptor) }
        let status = try examine(descriptor, path)
        if let rule { try enforce(rule, on: status, path) }
        guard status.size <= maximumLength else {
            throw KeyStoreError(
                .invalidData, "\(path.text) is longer than \(maximumLength) bytes, and so is no key file")
        }

        // One byte more than expected, to notice a file that grows.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: status.size + 1, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        let count = try fill(buffer, descriptor, path)
        guard count == status.size else {
            throw KeyStoreError(.invalidData, "\(path.text) was written to while it was read")
        }
        return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]), status)
    }

    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ descriptor: Int32, _ path: AbsolutePath
    ) throws(KeyStoreError) -> Int {
        var count = 0
        while count < buffer.count {
            let received = retrying { Glibc.read(descriptor, buffer.baseAddress! + count, buffer.count - count) }
            guard received >= 0 else {
                let native = NativeError.errno("read")
                throw KeyStoreError(
                    .backendFailure, "\(path.text) cannot be read: \(native.errnoText)", native: native)
            }
            if received == 0 { break }
            count += received
        }
        return count
    }

    private static func openFailure(_ path: AbsolutePath, _ absent: KeyStoreError.Code) -> KeyStoreError {
        let native = NativeError.errno("open")
        switch Int32(native.number) {
        case ENOENT, ENOTDIR: return KeyStoreError(absent, "there is no file \(path.text)", native: native)
        case EACCES, EPERM:
            return KeyStoreError(.policyRefused, "\(path.text) may not be read by this user", native: native)
        case ENXIO: return KeyStoreError(.policyRefused, "\(path.text) is not a regular file", native: native)
        default:
            return KeyStoreError(
                .backendFailure, "\(path.text) cannot be opened: \(native.errnoText)", native: native)
        }
    }

    private static func examine(_ descriptor: Int32, _ path: AbsolutePath) throws(KeyStoreError) -> FileStatus {
        guard let status = FileStatus(descriptor: descriptor) else {
            let native = NativeError.errno("fstat")
            throw KeyStoreError(
                .backendFailure, "\(path.text) cannot be examined: \(native.errnoText)", native: native)
        }
        guard status.isRegular else { throw KeyStoreError(.policyRefused, "\(path.text) is not a regular file") }
        return status
    }

    /// Throws `policyRefused`, naming the remedy, for a file that others could have changed or, if it is secret, seen.
    static func enforce(_ rule: Rule, on status: FileStatus, _ path: AbsolutePath) throws(KeyStoreError) {
        guard isTrusted(owner: status.owner) else {
            throw KeyStoreError(
                .policyRefused,
                "\(path.text) belongs to user \(status.owner), and must belong to the user who uses it or to root; "
                    + "remedy: chown \(geteuid()) \(path.text)")
        }
        guard status.permissions & rule.forbiddenBits == 0 else {
            throw KeyStoreError(
                .policyRefused,
                "\(path.text) has mode \(status.permissionsText), which lets others at it; "
                    + "remedy: \(rule.remedy) \(path.text)")
        }
    }

    /// Whoever owns a file can change its mode and contents at any time.
    static func isTrusted(owner: UInt32) -> Bool { owner == 0 || owner == geteuid() }

    /// Repeats a system call that a signal interrupted.
    static func retrying<Number: SignedInteger>(_ call: () -> Number) -> Number {
        while true {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
    }
}
