import Glibc
import KeyStoreCore

/// Certificates that an identity file names by their own file. Go's SDK leaves those there that it was given.
enum CertificateReference {
    /// The absolute path that a reference names: a URI (RFC 8089) or the path alone. Nil for what is neither.
    static func path(_ reference: String) -> String? {
        guard !reference.hasPrefix("/") else { return reference }
        // Not a key's reference: a file of certificates, whatever backends there are.
        guard reference.lowercased().hasPrefix("file:") else { return nil }
        var rest = reference.dropFirst("file:".count)
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let host = rest.prefix { $0 != "/" }
            guard host.isEmpty || host.lowercased() == "localhost" else { return nil }
            rest = rest.dropFirst(host.count)
        }
        guard rest.hasPrefix("/") else { return nil }
        // Go's SDK writes a path as it is, so that a percent sign may be one.
        let bytes = (try? PercentEncoding.decode(rest)) ?? Array(rest.utf8)
        return String(validating: bytes, as: UTF8.self)
    }

    /// The text of a file of certificates; nil for what is no regular file. Throws `SystemFailure`.
    static func read(_ path: String) throws(SystemFailure) -> String? {
        // A pipe is not waited for.
        let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        guard try file.status().st_mode & S_IFMT == S_IFREG else { return nil }
        return String(decoding: try file.readAll(maximumLength: CertificateList.maximumLength), as: UTF8.self)
    }
}
