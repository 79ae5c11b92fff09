import CP11Kit

/// How one key signs, where keys and tokens differ. Chosen when the key is found, so that no signature pays for the choice.
struct SigningMechanisms {
    /// What signs messages with Ed25519.
    var edwards = CKM_EDDSA
    /// The algorithms that there is a mechanism for whole messages for, and none for digests.
    var forWholeMessages: Mechanisms = []
}
