import Foundation
import Testing

/// A PKCS#11 module that shows the keys of a YubiKey.
enum PKCS11Module: String, CaseIterable, Sendable {
    case ykcs11 = "libykcs11.so.2"
    case openSC = "opensc-pkcs11.so"

    /// Where the system has it.
    var path: String {
        let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map { "/usr/lib/\($0)" }
        return folders.map { "\($0)/\(rawValue)" }.first { FileManager.default.fileExists(atPath: $0) } ?? rawValue
    }

    /// The key with an id on the one token that the module shows.
    func reference(id: String) -> String { "pkcs11:id=\(id)?module-path=\(path)" }
}
