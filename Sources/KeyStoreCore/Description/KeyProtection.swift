/// What stands between a program and the use of a key.
public struct KeyProtection: OptionSet, Hashable, Sendable {
    /// The bits that cross the plugin boundary.
    public let rawValue: UInt32

    /// Makes a set from its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The token's PIN, once in a session.
    public static let login = KeyProtection(rawValue: 1)
    /// The PIN for each signature.
    public static let pinAlways = KeyProtection(rawValue: 2)
    /// A touch for each signature, or one in a while.
    public static let touch = KeyProtection(rawValue: 4)
    /// The key stands in a file that a passphrase opens.
    public static let passphrase = KeyProtection(rawValue: 8)

    /// Whether each signature needs a person, so that none should be made in vain.
    public var needsPersonEachTime: Bool { !isDisjoint(with: [.pinAlways, .touch]) }
}
