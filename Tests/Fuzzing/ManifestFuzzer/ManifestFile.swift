import Glibc

/// A regular file whose contents change with each input, as readers of manifests open files only. It has no name: what has one
/// would be left behind by a fuzzer that ends with its process.
enum ManifestFile {
    private static let descriptor = {
        var template = Array("/tmp/manifest.XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0, unlink(template) == 0 else { fatalError("no file can be made: errno \(errno)") }
        return descriptor
    }()

    /// Its path, for this process.
    static let path = "/proc/self/fd/\(descriptor)"

    /// Replaces what is in it.
    static func fill(_ bytes: [UInt8]) {
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            fatalError("the file cannot be written: errno \(errno)")
        }
    }
}
