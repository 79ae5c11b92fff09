import Foundation
import Glibc
import KeyStoreCore
import KeyStoreLoader
import TemporaryFiles
import ZitiEnrollment

/// The token of the mock PKCS#11 module, reached through the loader and the plugin as a real one is, and commanded from here.
/// The language, and what the module does not imitate, is in Tests/MockPKCS11/README.md.
final class MockToken: Sendable {
    struct ScriptError: Error, CustomStringConvertible {
        let description: String
    }

    private struct Functions: @unchecked Sendable {
        // Libraries are never unloaded.
        let script: @convention(c) (UnsafePointer<CChar>?) -> UnsafePointer<CChar>?
        let value: @convention(c) (UnsafePointer<CChar>?) -> CUnsignedLong
        let wait: @convention(c) (UnsafePointer<CChar>?, CUnsignedLong, CUnsignedLong) -> CInt
    }

    /// The key, in a store that is opened when its turn comes.
    let source: KeySource
    private let folder = TemporaryFolder()
    private let functions: Functions

    /// A copy of the module with a state of its own: one token with a P-256 key.
    init(timeoutMilliseconds: UInt32? = nil) throws {
        let path = folder.path("libMockPKCS11.so")
        let build = BackendLoader().pluginDirectories[0]
        try FileManager.default.copyItem(atPath: "\(build)/libMockPKCS11.so", toPath: path)
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw ScriptError(description: String(cString: dlerror()))
        }
        func symbol<Function>(_ name: String, _: Function.Type) throws -> Function {
            guard let found = dlsym(handle, name) else { throw ScriptError(description: "\(name) is missing") }
            return unsafeBitCast(found, to: Function.self)
        }
        functions = Functions(
            script: try symbol(
                "mock_pkcs11_script", (@convention(c) (UnsafePointer<CChar>?) -> UnsafePointer<CChar>?).self),
            value: try symbol("mock_pkcs11_value", (@convention(c) (UnsafePointer<CChar>?) -> CUnsignedLong).self),
            wait: try symbol(
                "mock_pkcs11_wait",
                (@convention(c) (UnsafePointer<CChar>?, CUnsignedLong, CUnsignedLong) -> CInt).self))
        let uri = try KeyStoreURI("pkcs11:token=mock;object=key?module-path=\(path)")
        source = KeySource(uri: uri, pin: .value(try PIN("123456"))) { () throws(KeyStoreError) in
            try await BackendLoader().open(OpenRequest(uri: uri, timeoutMilliseconds: timeoutMilliseconds))
        }
    }

    /// Runs lines of script.
    func run(_ lines: String) throws {
        if let trouble = functions.script(lines) { throw ScriptError(description: String(cString: trouble)) }
    }

    /// How often a function was called, or another value that the module knows.
    func value(_ name: String) -> Int { Int(bitPattern: UInt(functions.value(name))) }

    /// Waits until a value is at least this, off the pool's threads.
    func wait(_ name: String, atLeast least: Int = 1) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [functions] in
                continuation.resume(returning: functions.wait(name, CUnsignedLong(least), 60000) != 0)
            }
        }
    }

    /// The public half of the token's key.
    func publicKey() async throws -> PublicKey {
        let store = try await BackendLoader().open(OpenRequest(uri: source.uri))
        let session = try await store.openSession(pin: source.pin)
        let key = try await session.publicKey(at: source.uri)
        await session.close()
        await store.close()
        return key
    }
}
