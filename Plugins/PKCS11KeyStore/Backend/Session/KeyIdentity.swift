import KeyStoreCore

/// What joins the objects of one key.
struct KeyIdentity {
    let id: [UInt8]
    let label: [UInt8]
    let publicKey: PublicKey
}
