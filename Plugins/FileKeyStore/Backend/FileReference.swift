import Glibc
import KeyStoreCore

/// A `file:` URI as this backend reads it (RFC 8089): `file:/abs`, `file:///abs`, `file://localhost/abs`, and beyond that RFC
/// `file:rel`, relative to the process's working directory.
struct FileReference {
    static let scheme = "file"
    /// The query attributes that the host reads.
    private static let hostAttributes: Set<String> = ["backend"]

    let path: AbsolutePath
    let warnings: [String]

    /// Throws `invalidURI`, naming what is wrong. Touches no file.
    init(_ uri: KeyStoreURI) throws(KeyStoreError) {
        func invalid(_ reason: String) -> KeyStoreError {
            KeyStoreError(.invalidURI, reason, operation: "read reference", subject: uri.text)
        }
        guard uri.scheme == Self.scheme else { throw invalid("'\(uri.scheme):' is not a scheme of the file backend") }
        let bytes: [UInt8]
        do {
            bytes = try PercentEncoding.decode(try Self.withoutHost(uri))
        } catch {
            throw error.during("read reference", of: uri.text)
        }
        guard !bytes.isEmpty else { throw invalid("the path is empty; 'file:' is followed by the path of a key file") }
        guard !bytes.contains(0) else { throw invalid("the path holds a NUL byte (%00)") }
        guard
            let path = AbsolutePath(
                bytes, relativeTo: bytes.first == 0x2F ? .init(components: []) : try Self.workingFolder())
        else { throw invalid("the path is longer than \(AbsolutePath.maximumLength) bytes") }
        self.path = path
        do {
            warnings = try Self.warnings(about: uri.queryAttributes())
        } catch {
            throw error.during("read reference", of: uri.text)
        }
    }

    /// What stands behind the authority (RFC 8089 §2), still encoded.
    private static func withoutHost(_ uri: KeyStoreURI) throws(KeyStoreError) -> Substring {
        guard uri.path.hasPrefix("//") else { return uri.path[...] }
        let rest = uri.path.dropFirst(2)
        let host = rest.prefix { $0 != "/" }
        guard host.isEmpty || host.lowercased() == "localhost" else {
            throw KeyStoreError(
                .invalidURI,
                "'\(host)' stands where a host name stands, and only this machine's files can be used; "
                    + "an absolute path is written file:///…")
        }
        return rest[host.endIndex...]
    }

    private static func workingFolder() throws(KeyStoreError) -> AbsolutePath {
        guard let text = getcwd(nil, 0) else {
            throw KeyStoreError(
                .invalidURI, "a relative path cannot be resolved without a working directory", native: .errno("getcwd"))
        }
        defer { free(text) }
        let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
        return AbsolutePath(components: bytes.split(separator: UInt8(ascii: "/")).map(Array.init))
    }

    private static func warnings(about attributes: [URIAttribute]) throws(KeyStoreError) -> [String] {
        var warnings: [String] = []
        for attribute in attributes where !hostAttributes.contains(attribute.name) {
            // Quirks change what a backend does, so one that is not understood must not be passed over.
            if attribute.name == "x-quirks", let value = attribute.value, !value.isEmpty {
                throw KeyStoreError(.invalidURI, "the file backend has no quirks for 'x-quirks'")
            }
            let name = attribute.name.prefix(64)
            warnings.append("The query attribute '\(name)' is ignored; a file: reference understands 'backend' only.")
        }
        return warnings
    }
}
