import KeyStoreCore
import LibCrypto

/// A PIN or PUK that may be sent, padded as the card wants it, with what it is recognised by.
struct CheckedPIN {
    let padded: PIN
    let fingerprint: PINFingerprint
}
