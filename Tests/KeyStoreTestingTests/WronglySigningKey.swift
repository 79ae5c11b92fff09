import KeyStoreCore
import KeyStorePlugin

/// Signs something else than it is given.
final class WronglySigningKey: BackendKey {
    private let inner: any BackendKey
    init(_ inner: any BackendKey) { self.inner = inner }

    var info: KeyInfo { inner.info }
    func publicKey() throws(KeyStoreError) -> PublicKey { try inner.publicKey() }

    func sign(
        _ input: UnsafeRawBufferPointer, form: SigningForm, using algorithm: SignatureAlgorithm
    ) throws(KeyStoreError) -> [UInt8] {
        let other = Array("something else".utf8)
        let result: Result<[UInt8], KeyStoreError> = other.withUnsafeBytes { bytes in
            do throws(KeyStoreError) {
                return .success(try inner.sign(bytes, form: .message, using: algorithm))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
