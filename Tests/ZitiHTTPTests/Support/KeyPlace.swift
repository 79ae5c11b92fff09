import Foundation
import KeyStoreCore
import KeyStoreLoader
import KeyStoreTesting
import SoftHSMTokens
import TemporaryFiles
import ZitiEnrollment

/// Where a test's key lives.
enum KeyPlace: String, CaseIterable {
    /// The in-memory backend, called directly.
    case memory
    /// The file backend, through its plugin.
    case file
    /// The PKCS#11 backend with SoftHSM2, through its plugin.
    case softHSM

    /// A new key of the type, and what it lives in. Does not outlive `keeping`.
    struct Made {
        let source: KeySource
        let publicKey: PublicKey
        let keeping: any Sendable
    }

    func make(_ type: KeyType) async throws -> Made {
        switch self {
        case .memory:
            let uri = try KeyStoreURI("memory:\(UUID().uuidString);object=key")
            let store = try DirectKeyStore(InMemoryBackend.self, opening: OpenRequest(uri: uri))
            return try await make(type, in: store, uri, .none, keeping: store)
        case .file:
            let folder = TemporaryFolder()
            let uri = try KeyStoreURI("file://\(folder.path)/key.pem")
            let store = try await BackendLoader().open(OpenRequest(uri: uri))
            return try await make(type, in: store, uri, .value(PIN("")), keeping: folder)
        case .softHSM:
            let token = SoftHSM.shared.makeToken()
            let uri = try KeyStoreURI(token.uri("object=key"))
            let store = try await BackendLoader().open(OpenRequest(uri: uri))
            return try await make(type, in: store, uri, .value(PIN(token.pin)), keeping: token)
        }
    }

    private func make(
        _ type: KeyType, in store: any KeyStore, _ uri: KeyStoreURI, _ pin: PINSource, keeping: any Sendable
    ) async throws -> Made {
        let session = try await store.openSession(SessionOptions(isWritable: true), pin: pin)
        let publicKey = try await session.generateKey(type, at: uri).publicKey()
        await session.close()
        return Made(source: KeySource(store: store, uri: uri, pin: pin), publicKey: publicKey, keeping: keeping)
    }
}
