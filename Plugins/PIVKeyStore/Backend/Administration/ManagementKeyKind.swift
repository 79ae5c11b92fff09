/// What is known of a card's management key.
struct ManagementKeyKind {
    let cipher: ManagementCipher
    /// Whether the card wants to be touched when it is used.
    let needsTouch: Bool
}
