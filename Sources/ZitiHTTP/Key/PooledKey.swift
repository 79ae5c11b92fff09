import KeyStoreCore

/// A key that signs with whichever session of a pool is free.
struct PooledKey: Key {
    let pool: KeyPool
    let known: PublicKey

    var info: KeyInfo { pool.info }

    func publicKey() async throws(KeyStoreError) -> PublicKey { known }

    func sign(_ input: SigningInput, using algorithm: SignatureAlgorithm) async throws(KeyStoreError) -> [UInt8] {
        try await pool.sign(input, using: algorithm)
    }
}
