public import KeyStoreCore

extension KeyPurpose {
    /// Reads a purpose that came over the boundary, where an older side has none: zero means signing.
    public init(boundaryPurpose bits: UInt32) { self.init(rawValue: bits == 0 ? KeyPurpose.sign.rawValue : bits) }
}
