/// A YubiKey's firmware, which decides what it can do.
public struct FirmwareVersion: Hashable, Comparable, Sendable, CustomStringConvertible, Codable {
    /// The three numbers.
    public var major, minor, patch: UInt8

    /// A version by its numbers.
    public init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// Reads "5.4.3".
    public init?(_ text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else {
            return nil
        }
        self.init(major, minor, patch)
    }

    /// 5.4.3: RSA up to 2048 bits, P-256, P-384, a management key that is 3DES from the factory.
    public static let v5_4_3 = FirmwareVersion(5, 4, 3)
    /// 5.7.1: RSA up to 4096 bits, Ed25519, X25519, keys that can be moved and deleted, AES-192 from the factory.
    public static let v5_7_1 = FirmwareVersion(5, 7, 1)

    var bytes: [UInt8] { [major, minor, patch] }

    /// The older first.
    public static func < (left: FirmwareVersion, right: FirmwareVersion) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// "5.4.3".
    public var description: String { "\(major).\(minor).\(patch)" }
}
