import Glibc

/// Yubico's PKCS#11 module, which is not used here, and is where others find the same keys.
enum YKCS11 {
    /// The library's absolute path; nil where it is not installed.
    static var libraryPath: String? {
        for folder in folders {
            for name in ["libykcs11.so", "libykcs11.so.2", "libykcs11.so.1"] {
                let path = "\(folder)/\(name)"
                if access(path, R_OK) == 0 { return path }
            }
        }
        return nil
    }

    /// Whether the module shows a reader.
    static func shows(_ reader: String) -> Bool { reader.hasPrefix("Yubico") }

    private static let folders = [
        "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib",
        "/usr/lib/x86_64-linux-gnu/pkcs11", "/usr/lib64/pkcs11", "/usr/lib/pkcs11",
    ]
}
