import KeyStoreCore

/// The path of a file or folder: bytes, as the system has them, that begin with a slash and hold no NUL byte. Empty
/// components and single dots are gone.
struct AbsolutePath: Hashable {
    /// Longer paths are refused by the system too (PATH_MAX, its NUL byte included).
    static let maximumLength = 4095
    private static let slash = UInt8(ascii: "/")

    /// The names on the way; none for the root folder. May hold "..", as leaving that out is wrong after a symbolic link.
    let components: [[UInt8]]

    init(components: [[UInt8]]) { self.components = components }

    /// Reads an absolute path, or one that is relative to `base`. A ".." right behind `base`, whose components must not be
    /// symbolic links, is resolved. Nil for more than `maximumLength` bytes.
    init?(_ bytes: [UInt8], relativeTo base: AbsolutePath) {
        var components = bytes.first == Self.slash ? [] : base.components
        var resolvable = components.count
        for part in bytes.split(separator: Self.slash) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8), resolvable == components.count {
                _ = components.popLast()
                resolvable = components.count
            } else {
                components.append(Array(part))
            }
        }
        self.init(components: components)
        guard self.bytes.count <= Self.maximumLength else { return nil }
    }

    var bytes: [UInt8] {
        components.isEmpty ? [Self.slash] : components.flatMap { [Self.slash] + $0 }
    }

    /// The path for a person: control characters and what is no UTF-8 are percent-encoded.
    var text: String {
        let bytes = self.bytes
        if let text = String(validating: bytes, as: UTF8.self), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            return text
        }
        return encoded
    }

    /// The last component; empty for the root folder.
    var name: [UInt8] { components.last ?? [] }

    /// The name for a person.
    var nameText: String { AbsolutePath(components: [name]).text.dropFirst().description }

    /// The folder that holds it; the root folder holds itself.
    var folder: AbsolutePath { AbsolutePath(components: components.dropLast()) }

    func appending(_ name: [UInt8]) -> AbsolutePath { AbsolutePath(components: components + [name]) }

    /// The path of the certificates that belong to the key file at this path.
    var certificateFile: AbsolutePath { folder.appending(name + Array(".crt".utf8)) }

    var uri: KeyStoreURI {
        get throws(KeyStoreError) { try KeyStoreURI("\(FileReference.scheme)://\(encoded)") }
    }

    private var encoded: String {
        components.isEmpty ? "/" : components.map { "/\(PercentEncoding.encode($0))" }.joined()
    }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
    }
}
