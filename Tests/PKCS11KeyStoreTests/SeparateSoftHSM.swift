import Foundation
import Glibc
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// A second SoftHSM in this process, with a folder of its own: a copy of the library, which the loader takes for another
/// one. It sees what was in its folder when a store is opened, as a newly started program would.
struct SeparateSoftHSM {
    let modulePath: String
    let configuration: String

    init() throws {
        let folder = SoftHSM.shared.folder + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/tokens", withIntermediateDirectories: true)
        modulePath = folder + "/libsofthsm2.so"
        configuration = folder + "/softhsm2.conf"
        let source = try ModuleLibrary.realPath(SoftHSM.modulePath)
        try FileManager.default.copyItem(atPath: source, toPath: modulePath)
        try "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
            .write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// Opens a store; the module reads its configuration meanwhile. Only the tests of one serialised suite do this.
    func open(_ uri: String, host: TestHost) throws -> PKCS11Backend {
        setenv("SOFTHSM2_CONF", configuration, 1)
        defer { setenv("SOFTHSM2_CONF", SoftHSM.shared.folder + "/softhsm2.conf", 1) }
        return try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(uri)), host: host)
    }

    func pkcs11Tool(_ arguments: [String]) throws {
        try Tool.succeed(["pkcs11-tool", "--module", modulePath] + arguments, softHSMConfiguration: configuration)
    }
}
