/// A version of the applet, which decides what it can do.
struct Firmware: Hashable, Comparable, CustomStringConvertible {
    let major: UInt8
    let minor: UInt8
    let patch: UInt8

    init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// Attests keys, since 4.3.0.
    static let attesting = Firmware(4, 3, 0)
    /// Tells its serial number itself, since 5.0.0.
    static let serialNumber = Firmware(5, 0, 0)
    /// Tells what it has in which slot, since 5.3.0.
    static let metadata = Firmware(5, 3, 0)
    /// Takes management keys for AES, since 5.4.2.
    static let aesManagementKeys = Firmware(5, 4, 2)
    /// Moves and deletes keys and has the newer algorithms, since 5.7.0.
    static let moving = Firmware(5, 7, 0)

    /// Some test samples say 0.0.1 and can do everything.
    private var rank: (UInt8, UInt8, UInt8) { major == 0 ? (255, 0, 0) : (major, minor, patch) }

    static func < (left: Firmware, right: Firmware) -> Bool { left.rank < right.rank }

    var description: String { "\(major).\(minor).\(patch)" }
}
