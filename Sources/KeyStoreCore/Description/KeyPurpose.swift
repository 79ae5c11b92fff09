/// What a new key is to do. A key for one purpose is best used for no other, so that each has to be asked for.
public struct KeyPurpose: OptionSet, Hashable, Sendable {
    /// The bits that cross the plugin boundary.
    public let rawValue: UInt32

    /// Makes a set from its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Signing.
    public static let sign = KeyPurpose(rawValue: 1)
    /// Decrypting what was encrypted to the public key; RSA only.
    public static let decrypt = KeyPurpose(rawValue: 2)
    /// Deriving shared secrets; elliptic curves and X25519 only.
    public static let agree = KeyPurpose(rawValue: 4)

    /// What is in the set, in words.
    public var names: [String] {
        [(KeyPurpose.sign, "sign"), (.decrypt, "decrypt"), (.agree, "derive")].filter { contains($0.0) }.map(\.1)
    }
}
