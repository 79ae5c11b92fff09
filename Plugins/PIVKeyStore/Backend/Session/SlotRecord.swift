import KeyStoreCore

/// What is known of the key in a slot.
struct SlotRecord {
    let slot: Slot
    /// Nil for one that is not known here.
    let algorithm: Algorithm?
    /// Nil for a key of a type that this library does not have.
    let publicKey: PublicKey?
    /// When the PIN is needed; where the card does not tell, the slot's usual.
    let pinPolicy: PINPolicy
    /// Nil where the card does not tell.
    let touchPolicy: TouchPolicy?
    let origin: Metadata.Origin?
    /// Nil where nobody has looked.
    var hasCertificate: Bool?

    init(_ slot: Slot, _ metadata: Metadata) throws(KeyStoreError) {
        self.slot = slot
        algorithm = metadata.algorithm.flatMap { Algorithm(rawValue: $0) }
        publicKey =
            if let algorithm, let key = metadata.publicKey {
                try CardPublicKey.decode(key, algorithm)
            } else {
                nil
            }
        pinPolicy = metadata.pinPolicy ?? Self.usualPINPolicy(slot)
        touchPolicy = metadata.touchPolicy
        origin = metadata.origin
    }

    /// Of a slot with a certificate, on a card that tells nothing of its keys.
    init(_ slot: Slot, certified publicKey: PublicKey) {
        self.slot = slot
        self.publicKey = publicKey
        algorithm = Algorithm(publicKey.type)
        pinPolicy = Self.usualPINPolicy(slot)
        touchPolicy = nil
        origin = nil
        hasCertificate = true
    }

    /// Of a key that has no certificate, on a card that tells nothing of its keys, and attests them.
    init(_ slot: Slot, attested publicKey: PublicKey) {
        self.slot = slot
        self.publicKey = publicKey
        algorithm = Algorithm(publicKey.type)
        pinPolicy = Self.usualPINPolicy(slot)
        touchPolicy = nil
        origin = .generated
        hasCertificate = false
    }

    /// Of a key that was made just now, on a card that tells nothing of its keys.
    init(_ slot: Slot, made publicKey: PublicKey, _ options: NewKeyOptions) {
        self.slot = slot
        self.publicKey = publicKey
        algorithm = Algorithm(publicKey.type)
        pinPolicy = options.pinPolicy ?? Self.usualPINPolicy(slot)
        touchPolicy = options.touchPolicy
        origin = nil
        hasCertificate = false
    }

    private static func usualPINPolicy(_ slot: Slot) -> PINPolicy {
        switch slot {
        case .signature: .always
        case .cardAuthentication: .never
        default: .once
        }
    }

    var loginNeed: LoginNeed {
        switch pinPolicy {
        case .never: .never
        case .once: .once
        case .always: .always
        }
    }
}
