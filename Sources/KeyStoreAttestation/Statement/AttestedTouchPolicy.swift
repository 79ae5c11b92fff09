public import KeyStoreCore

/// How often a key asks to be touched, as its device says it: open, because devices come with policies of their own.
public struct AttestedTouchPolicy: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number that the device uses.
    public let rawValue: UInt8

    /// Makes a policy from the device's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Never.
    public static let never = AttestedTouchPolicy(rawValue: 1)
    /// Before every use.
    public static let always = AttestedTouchPolicy(rawValue: 2)
    /// Before a use, unless there was a touch in the last 15 seconds. Less than always, though its number is higher.
    public static let cached = AttestedTouchPolicy(rawValue: 3)

    /// Whether a key with this policy asks at least as often as was wanted. One that is not known here never does.
    public func isAtLeast(_ wanted: TouchPolicy) -> Bool {
        switch (self, wanted) {
        case (.never, .never), (.cached, .never), (.cached, .cached), (.always, _): true
        default: false
        }
    }

    /// The policy's name, as bundles have it.
    public var description: String {
        switch self {
        case .never: "never"
        case .always: "always"
        case .cached: "cached"
        default: "unknown-\(rawValue)"
        }
    }
}
