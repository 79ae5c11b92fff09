import KeyStoreCore

/// The key that is enrolled.
struct EnrollmentKey {
    let handle: any Key
    let publicKey: PublicKey
    let isGenerated: Bool
}
