/// What a device looks like, and whether it is of the FIPS series.
public struct FormFactor: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number that the device uses; its highest bit stands for the FIPS series.
    public let rawValue: UInt8

    /// Makes a form factor from the device's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Whether the device is of the FIPS series.
    public var isFIPS: Bool { rawValue & 0x80 != 0 }

    /// A few words: "USB-A keychain", "USB-C nano, FIPS series".
    public var description: String {
        let shape =
            switch rawValue & 0x7F {
            case 1: "USB-A keychain"
            case 2: "USB-A nano"
            case 3: "USB-C keychain"
            case 4: "USB-C nano"
            case 5: "USB-C and Lightning"
            case 6: "USB-A biometric"
            case 7: "USB-C biometric"
            default: "unknown (\(rawValue & 0x7F))"
            }
        return isFIPS ? "\(shape), FIPS series" : shape
    }
}
