import KeyStoreCore

extension KeyStoreSession {
    /// Throws `keyExists` if a public key stands where a pair is to be made, without a private one. Whoever makes keys and
    /// is interrupted removes the half that is left, and must not take this one for it.
    func requireNoPublicKey(at uri: KeyStoreURI) async throws(KeyStoreError) {
        var cause: KeyStoreError?
        do throws(KeyStoreError) {
            _ = try await publicKey(at: uri)
        } catch {
            // What the backend cannot say is left to the attempt to make the key.
            if [.noSuchKey, .unsupportedOperation, .unsupportedMechanism].contains(error.code) { return }
            guard error.code == .ambiguousKey else { throw error }
            cause = error
        }
        throw KeyStoreError(
            .keyExists, "there is a public key already that the reference names", operation: "make key",
            subject: uri.text, underlying: cause)
    }
}
