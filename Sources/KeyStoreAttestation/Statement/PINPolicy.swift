/// How often a key asks for its PIN.
public struct PINPolicy: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number that the device uses.
    public let rawValue: UInt8

    /// Makes a policy from the device's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Never.
    public static let never = PINPolicy(rawValue: 1)
    /// Once while the device is in use.
    public static let once = PINPolicy(rawValue: 2)
    /// Before every use.
    public static let always = PINPolicy(rawValue: 3)
    /// A finger or the PIN, once while the device is in use.
    public static let matchOnce = PINPolicy(rawValue: 4)
    /// A finger or the PIN, before every use.
    public static let matchAlways = PINPolicy(rawValue: 5)

    /// Whether a key with this policy asks at least as often as one with the other. A policy that is not known here is at
    /// least as strict as itself only.
    public func isAtLeast(_ other: PINPolicy) -> Bool {
        self == other || (strictness ?? -1) >= (other.strictness ?? .max)
    }

    private var strictness: Int? {
        switch self {
        case .never: 0
        case .once, .matchOnce: 1
        case .always, .matchAlways: 2
        default: nil
        }
    }

    /// The policy's name, as bundles and the command line have it.
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
