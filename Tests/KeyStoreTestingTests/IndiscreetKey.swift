import KeyStoreCore
import KeyStorePlugin

/// Makes something else of what it decrypts or derives, or does so where it should refuse.
final class IndiscreetKey: DecryptingBackendKey, AgreeingBackendKey {
    typealias Inner = DecryptingBackendKey & AgreeingBackendKey

    private let inner: any Inner
    private let fault: Fault

    init(_ inner: any Inner, fault: Fault) {
        self.inner = inner
        self.fault = fault
    }

    var info: KeyInfo { inner.info }
    func publicKey() throws(KeyStoreError) -> PublicKey { try inner.publicKey() }

    func sign(
        _ input: UnsafeRawBufferPointer, form: SigningForm, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        try inner.sign(input, form: form, using: algorithm)
    }

    func decrypt(
        _ ciphertext: UnsafeRawBufferPointer, using algorithm: EncryptionAlgorithm
    ) throws(KeyStoreError) -> PIN {
        do throws(KeyStoreError) {
            let plaintext = try inner.decrypt(ciphertext, using: algorithm)
            return fault == .wrongPlaintext ? try PIN("something else") : plaintext
        } catch {
            guard fault == .tellsCiphertextsApart, ciphertext.count != 256 else { throw error }
            throw KeyStoreError(.invalidData, "the ciphertext has the wrong length")
        }
    }

    func sharedSecret(with peer: PublicKey) throws(KeyStoreError) -> PIN {
        do throws(KeyStoreError) {
            let secret = try inner.sharedSecret(with: peer)
            if fault == .sharesZeros { return try PIN(String(repeating: "\0", count: secret.count)) }
            return fault == .sharesAnotherSecret ? try PIN(String(repeating: "x", count: secret.count)) : secret
        } catch {
            guard fault == .takesPeersOffTheCurve else { throw error }
            return try PIN("a secret")
        }
    }
}
