/// How often a key asks to be touched.
public struct TouchPolicy: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number that the device uses.
    public let rawValue: UInt8

    /// Makes a policy from the device's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Never.
    public static let never = TouchPolicy(rawValue: 1)
    /// Before every use.
    public static let always = TouchPolicy(rawValue: 2)
    /// Before a use, unless there was a touch in the last 15 seconds. Less than always, though its number is higher.
    public static let cached = TouchPolicy(rawValue: 3)

    /// Whether a key with this policy asks at least as often as one with the other. A policy that is not known here is at
    /// least as strict as itself only.
    public func isAtLeast(_ other: TouchPolicy) -> Bool {
        self == other || (strictness ?? -1) >= (other.strictness ?? .max)
    }

    private var strictness: Int? {
        switch self {
        case .never: 0
        case .cached: 1
        case .always: 2
        default: nil
        }
    }

    /// The policy's name, as bundles and the command line have it.
    public var description: String {
        switch self {
        case .never: "never"
        case .always: "always"
        case .cached: "cached"
        default: "unknown-\(rawValue)"
        }
    }
}
