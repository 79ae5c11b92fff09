import KeyStoreCore
import KeyStoreTesting
import Synchronization

/// Fresh keys in memory, each on a token of its own.
enum MemoryKeys {
    /// Every type that can be made, the longest RSA key left out for its slowness.
    static let types: [KeyType] = [.ecP256, .ecP384, .ecP521, .rsa(bits: 2048), .rsa(bits: 3072), .ed25519]

    private static let count = Mutex(0)

    /// A new key.
    static func make(_ type: KeyType) async throws -> any Key {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let uri = try KeyStoreURI("memory:tls\(number);object=key")
        let store = try DirectKeyStore(InMemoryBackend.self, opening: OpenRequest(uri: uri))
        let session = try await store.openSession(SessionOptions(isWritable: true), pin: .none)
        return try await session.generateKey(type, at: uri)
    }
}

/// A key whose signatures are altered, or that fails.
struct AlteredKey: Key {
    let base: any Key
    var failure: KeyStoreError?

    var info: KeyInfo { base.info }
    func publicKey() async throws(KeyStoreError) -> PublicKey { try await base.publicKey() }

    func sign(
        _ input: SigningInput, using algorithm: SignatureAlgorithm
    ) async throws(KeyStoreError) -> [UInt8] {
        if let failure { throw failure }
        return try await base.sign(.message([1, 2, 3]), using: algorithm)
    }
}

/// A key that waits for a finger that never comes, until the waiting is given up.
struct WaitingKey: Key {
    let base: any Key

    var info: KeyInfo { base.info }
    func publicKey() async throws(KeyStoreError) -> PublicKey { try await base.publicKey() }

    func sign(
        _ input: SigningInput, using algorithm: SignatureAlgorithm
    ) async throws(KeyStoreError) -> [UInt8] {
        // A stream that nobody feeds ends when the task is cancelled.
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        continuation.finish()
        throw KeyStoreError(.cancelled, "the waiting was given up")
    }
}
