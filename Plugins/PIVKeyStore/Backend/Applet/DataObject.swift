/// A data object of the applet, by its tag (NIST SP 800-73-4 part 1, table 3; Yubico's from 5FFF00 on).
struct DataObject: Hashable {
    let tag: UInt32

    init(_ tag: UInt32) { self.tag = tag }

    /// Who the card is, with a GUID.
    static let cardHolderID = DataObject(0x5FC102)

    /// The tag's bytes.
    var bytes: [UInt8] { [UInt8(tag >> 16 & 0xFF), UInt8(tag >> 8 & 0xFF), UInt8(tag & 0xFF)] }
}
