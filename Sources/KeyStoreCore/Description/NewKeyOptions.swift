/// What a new key is to be like, beside its type.
public struct NewKeyOptions: Hashable, Sendable {
    /// What it is for.
    public var purpose: KeyPurpose
    /// When it asks for the PIN; nil for what its token does unasked.
    public var pinPolicy: PINPolicy?
    /// When it asks for a touch; nil for what its token does unasked.
    public var touchPolicy: TouchPolicy?
    /// Whether a key that is there under its name is destroyed for it.
    public var replaces: Bool

    /// A key that signs, protected as its token does it unasked, and in nobody's place, unless said otherwise.
    public init(
        purpose: KeyPurpose = .sign, pinPolicy: PINPolicy? = nil, touchPolicy: TouchPolicy? = nil,
        replaces: Bool = false
    ) {
        self.purpose = purpose
        self.pinPolicy = pinPolicy
        self.touchPolicy = touchPolicy
        self.replaces = replaces
    }
}
