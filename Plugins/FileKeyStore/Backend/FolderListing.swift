import Glibc
import KeyStoreCore

/// The names in a folder under which key files may stand, in the order of their bytes. Hidden files and certificates are
/// left out.
struct FolderListing {
    let paths: [AbsolutePath]

    /// Throws `noSuchKey` where there is no folder, `policyRefused` where it may not be read.
    init(_ folder: AbsolutePath) throws(KeyStoreError) {
        guard let stream = folder.withCString({ opendir($0) }) else {
            let native = NativeError.errno("opendir")
            let code: KeyStoreError.Code =
                switch Int32(native.number) {
                case ENOENT, ENOTDIR: .noSuchKey
                case EACCES, EPERM: .policyRefused
                default: .backendFailure
                }
            throw KeyStoreError(code, "\(folder.text) cannot be listed: \(native.errnoText)", native: native)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            // The end and a failure look alike but for errno.
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
            if name.first != UInt8(ascii: "."), !Self.isCertificate(name) { names.append(name) }
        }
        guard errno == 0 else {
            let native = NativeError.errno("readdir")
            throw KeyStoreError(
                .backendFailure, "\(folder.text) cannot be listed: \(native.errnoText)", native: native)
        }
        paths = names.sorted { $0.lexicographicallyPrecedes($1) }.map { folder.appending($0) }
    }

    /// Whether the name is one under which certificates stand, and so no key.
    static func isCertificate(_ name: [UInt8]) -> Bool { name.suffix(4).elementsEqual(".crt".utf8) }
}
