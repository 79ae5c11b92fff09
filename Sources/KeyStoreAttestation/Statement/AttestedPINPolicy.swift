public import KeyStoreCore

/// How often a key asks for its PIN, as its device says it: open, because devices come with policies of their own.
public struct AttestedPINPolicy: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number that the device uses.
    public let rawValue: UInt8

    /// Makes a policy from the device's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Never.
    public static let never = AttestedPINPolicy(rawValue: 1)
    /// Once while the device is in use.
    public static let once = AttestedPINPolicy(rawValue: 2)
    /// Before every use.
    public static let always = AttestedPINPolicy(rawValue: 3)
    /// A finger or the PIN, once while the device is in use.
    public static let matchOnce = AttestedPINPolicy(rawValue: 4)
    /// A finger or the PIN, before every use.
    public static let matchAlways = AttestedPINPolicy(rawValue: 5)

    /// Whether a key with this policy asks at least as often as was wanted. One that is not known here never does.
    public func isAtLeast(_ wanted: PINPolicy) -> Bool {
        switch (self, wanted) {
        case (.never, .never), (.once, .never), (.matchOnce, .never), (.once, .once), (.matchOnce, .once),
            (.always, _), (.matchAlways, _):
            true
        default: false
        }
    }

    /// The policy's name, as bundles have it.
    public var description: String {
        switch self {
        case .never: "never"
        case .once: "once"
        case .always: "always"
        case .matchOnce: "match-once"
        case .matchAlways: "match-always"
        default: "unknown-\(rawValue)"
        }
    }
}
