/// The version of a device's firmware: "5.4.3".
public struct FirmwareVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first number.
    public let major: UInt8
    /// The second number.
    public let minor: UInt8
    /// The third number.
    public let patch: UInt8

    /// Makes a version from its numbers.
    public init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads one to three numbers with dots between them; those that are left out are 0. Nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var numbers: [UInt8] = []
        for part in parts {
            guard part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let number = UInt8(part)
            else { return nil }
            numbers.append(number)
        }
        numbers += [0, 0]
        self.init(numbers[0], numbers[1], numbers[2])
    }

    /// The three numbers with dots between them.
    public var description: String { "\(major).\(minor).\(patch)" }

    /// Compares the numbers, the first one first.
    public static func < (left: FirmwareVersion, right: FirmwareVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
