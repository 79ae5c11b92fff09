public import KeyStoreCore

/// The key that takes over from the one that an identity has, in the same store or another.
public struct KeyRoll: Sendable {
    /// Where the key is, or is to be.
    public var key: KeySource
    /// The type of the key to make; nil to use the one key that is there. Nothing is ever made without being asked for.
    public var generate: KeyType?
    /// When a key that is made asks for its PIN; nil for what its token does unasked.
    public var pinPolicy: PINPolicy?
    /// When a key that is made asks for a touch; nil for what its token does unasked.
    public var touchPolicy: TouchPolicy?
    /// Whether the old key is destroyed at the end, once the controller has accepted the new certificate.
    public var deletesOldKey: Bool
    /// Whether `id.key` is written so that the OpenZiti C and Go SDKs can use it, a secret included where they need one.
    public var isSDKCompatible: Bool

    /// Makes a key roll.
    public init(
        to key: KeySource, generate: KeyType? = nil, pinPolicy: PINPolicy? = nil, touchPolicy: TouchPolicy? = nil,
        deletesOldKey: Bool = false, isSDKCompatible: Bool = false
    ) {
        self.key = key
        self.generate = generate
        self.pinPolicy = pinPolicy
        self.touchPolicy = touchPolicy
        self.deletesOldKey = deletesOldKey
        self.isSDKCompatible = isSDKCompatible
    }
}
