public import CKeyStore
import KeyStoreCore
import KeyStoreLoader
import KeyStorePlugin
import KeyStoreTesting

// The Swift of README.md, line by line and in its order, so that it cannot rot: what is here compiles, and a test compares.

/// Where the snippets of a program stand. They need a token, which the backends' own tests have; here they are compiled.
enum ReadmeSnippets {
    static func threeLines(_ message: [UInt8]) async throws -> [UInt8] {
        let loader = BackendLoader()
        let key = try await loader.key(at: "pkcs11:token=demo;object=ziggy", pin: .prompt)
        let signature = try await key.sign(message, using: .ecdsaP256SHA256)
        return signature
    }

    static func scope(
        _ loader: BackendLoader, _ messages: [[UInt8]], _ send: @escaping @Sendable ([UInt8]) -> Void
    ) async throws {
        let store = try await loader.open("pkcs11:token=demo")
        try await store.withSession(pin: .file("/run/keys/pin")) { session in
            let key = try await session.key(at: KeyStoreURI("pkcs11:object=ziggy"))
            for message in messages {
                send(try await key.sign(message, using: .ecdsaP256SHA256))
            }
        }
    }
}

typealias MyBackend = InMemoryBackend

nonisolated(unsafe) private let table = PluginTable.make(MyBackend.self)

/// The entry function of the README's plugin.
@c(keystore_plugin_entry_v1)
public func entry(_ hostMajor: UInt16, _ hostMinor: UInt16) -> UnsafePointer<keystore_plugin>? {
    PluginTable.serve(table, hostMajor: hostMajor, hostMinor: hostMinor)
}
