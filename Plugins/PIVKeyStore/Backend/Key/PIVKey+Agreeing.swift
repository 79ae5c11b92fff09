import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PIVKey: AgreeingBackendKey {
    func sharedSecret(with peer: PublicKey) throws(KeyStoreError) -> PIN {
        do throws(KeyStoreError) {
            guard info.canAgree, let kind = record.algorithm, let pointLength = kind.pointLength else {
                throw KeyStoreError(.unsupportedMechanism, "this key derives no shared secrets")
            }
            // A point that is on another curve than the key's could be made to give the key away.
            guard peer.type == info.type, try peer.isOnItsCurve() else {
                throw KeyStoreError(.invalidData, "the other public key is no point on this key's curve")
            }
            var secret = try use(kind, Array(peer.der.suffix(pointLength)), isPoint: true, operation: "derive")
            defer { secret.withUnsafeMutableBytes { PIN.wipe($0) } }
            guard secret.count == pointLength / 2 else {
                throw KeyStoreError(
                    .invalidReply,
                    "the card gave a shared secret of \(secret.count) bytes, and one of this curve has \(pointLength / 2)"
                )
            }
            return try secret.withRawBytes { bytes throws(KeyStoreError) in try PIN(bytes) }
        } catch {
            throw error.during("derive", of: info.uri.text)
        }
    }
}
