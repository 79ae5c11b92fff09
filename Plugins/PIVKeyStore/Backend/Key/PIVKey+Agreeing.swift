import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PIVKey: AgreeingBackendKey {
    func sharedSecret(with peer: PublicKey) throws(KeyStoreError) -> PIN {
        do throws(KeyStoreError) {
            guard info.canAgree, let kind = record.algorithm, let lengths = kind.agreement else {
                throw KeyStoreError(.unsupportedMechanism, "this key derives no shared secrets")
            }
            guard peer.type == info.type else {
                throw KeyStoreError(
                    .invalidData, "the other public key is of the type \(peer.type), and this key of \(kind.name)")
            }
            // A point that is on another curve than the key's could be made to give the key away.
            guard try peer.isOnItsCurve() else {
                throw KeyStoreError(
                    .invalidData, "the other public key is no point on this key's curve that a secret is made with")
            }
            var secret = try use(kind, Array(peer.der.suffix(lengths.pointLength)), isPoint: true, operation: "derive")
            defer { secret.withUnsafeMutableBytes { PIN.wipe($0) } }
            guard secret.count == lengths.secretLength else {
                throw KeyStoreError(
                    .invalidReply,
                    "the card gave a shared secret of \(secret.count) bytes, and one of this curve has "
                        + "\(lengths.secretLength)")
            }
            // RFC 7748 §6.1: only public keys that were refused above make zeros.
            guard kind != .x25519 || secret.reduce(0, |) != 0 else {
                throw KeyStoreError(.invalidReply, "the card gave a shared secret of nothing but zeros")
            }
            return try secret.withRawBytes { bytes throws(KeyStoreError) in try PIN(bytes) }
        } catch {
            throw error.during("derive", of: info.uri.text)
        }
    }
}
