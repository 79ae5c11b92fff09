import Glibc
public import KeyStoreCore

/// Reads a PIN from the file that a reference names, for backends whose references have `pin-source`.
public enum PINFile {
    /// The file's contents without one newline at the end. Throws `pinRequired` where there is no such file, `policyRefused`
    /// where others than its owner could read it, or for what is no regular file.
    public static func read(_ path: String) throws(KeyStoreError) -> PIN {
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
    public static let maximumLength = 1024

    /// The path that a `pin-source` names: the text itself, or a `file:` URI with no host or this one (RFC 8089). Throws
    /// `invalidURI` for anything else, a command among it.
    public static func path(in text: String) throws(KeyStoreError) -> String {
        func invalid(_ reason: String) -> KeyStoreError { KeyStoreError(.invalidURI, "'pin-source' \(reason)") }
        if text.hasPrefix("|") { throw invalid("may name a file, not a command") }
        if text.isEmpty || text.utf8.contains(0) { throw invalid("names no file") }
        guard text.lowercased().hasPrefix("file:") else {
            let scheme = text.prefix { $0 != ":" && $0 != "/" }
            if scheme.endIndex != text.endIndex, text[scheme.endIndex] == ":" {
                throw invalid("must be a path or a file: URI")
            }
            return text
        }
        var rest = text.dropFirst("file:".count)
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let host = rest.prefix { $0 != "/" }
            guard host.isEmpty || host.lowercased() == "localhost" else {
                throw invalid("names a file on another host")
            }
            rest = rest[host.endIndex...]
        }
        let path = try URIAttribute(name: "pin-source", value: String(rest)).text()
        if path.isEmpty || path.utf8.contains(0) { throw invalid("names no file") }
        // A colon in a relative path would be read as a scheme's when the normal form is read.
        return !path.hasPrefix("/") && path.contains(":") ? "./" + path : path
    }
}
