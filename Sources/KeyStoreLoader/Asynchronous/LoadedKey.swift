import KeyStoreCore

/// A key that a plugin serves. Keeps its session open.
final class LoadedKey: Key {
    private let blocking: BlockingKey
    private let session: LoadedSession

    init(_ blocking: BlockingKey, session: LoadedSession) {
        self.blocking = blocking
        self.session = session
    }

    var info: KeyInfo { blocking.info }

    func publicKey() async throws(KeyStoreError) -> PublicKey {
        if let known = info.publicKey { return known }
        let blocking = blocking
        return try await session.run { (_) throws(KeyStoreError) in try blocking.publicKey() }
    }

    func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) async throws(KeyStoreError) -> [UInt8] {
        if session.computesOnly || session.thread.isCurrent {
            if Task.isCancelled {
                throw KeyStoreError(
                    .cancelled, "the task was cancelled", operation: "sign", subject: info.uri.text)
            }
            return try blocking.sign(input, using: algorithm)
        }
        let blocking = blocking
        return try await session.run { (_) throws(KeyStoreError) in try blocking.sign(input, using: algorithm) }
    }
}
