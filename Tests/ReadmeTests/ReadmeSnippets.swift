import AsyncHTTPClient
public import CKeyStore
import KeyStoreCore
import KeyStoreLoader
import KeyStorePlugin
import KeyStoreTesting
import ZitiEnrollment
import ZitiHTTP

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

/// Where the snippets of a client stand. They need a controller, which other tests have.
enum ClientSnippets {
    static func client(_ url: String) async throws {
        let file = try IdentityFile(path: "gateway.json")
        let uri = try file.keyReference()
        let key = KeySource(uri: uri, pin: .prompt) { () throws(KeyStoreError) in
            try await BackendLoader().open(OpenRequest(uri: uri, referenceIsRequest: true))
        }
        let identity = try await ZitiIdentity.open(file, key: key)
        try await identity.withHTTPClient { client in
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(60))
            print(response.status)
        }
        await identity.close()
    }

    static func session(_ identity: ZitiIdentity) async throws -> ZitiResponse {
        let session = try await identity.session()
        let me = try await session.send(ZitiRequest(.get, "/current-identity"))
        try await session.logout()
        return me
    }
}

typealias MyBackend = InMemoryBackend

nonisolated(unsafe) private let table = PluginTable.make(MyBackend.self)

/// The entry function of the README's plugin.
@c(keystore_plugin_entry_v1)
public func entry(_ hostMajor: UInt16, _ hostMinor: UInt16) -> UnsafePointer<keystore_plugin>? {
    PluginTable.serve(table, hostMajor: hostMajor, hostMinor: hostMinor)
}
