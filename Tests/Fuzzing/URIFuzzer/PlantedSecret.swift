/// A text with a known PIN as the value of each attribute that is named as one.
struct PlantedSecret {
    let text: String
    private static let pin = Array("0QzPIN9".utf8)
    private static let names = ["pin=", "pin-value="].map { Array($0.utf8) }

    /// Nil where no attribute is named as a PIN. The value ends where the next attribute begins, or with white space.
    init?(in bytes: [UInt8]) {
        var result: [UInt8] = []
        var isPlanted = false
        var index = 0
        while index < bytes.count {
            guard let name = Self.names.first(where: { bytes[index...].starts(with: $0) }) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            result += name + Self.pin
            isPlanted = true
            index += name.count
            while index < bytes.count, !Self.endsValue(bytes[index]) { index += 1 }
        }
        guard isPlanted else { return nil }
        text = String(decoding: result, as: UTF8.self)
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || [UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "?")].contains(byte)
    }

    /// Ends the process if the PIN is in what is shown.
    func mustNotBe(in shown: String) {
        let bytes = Array(shown.utf8)
        for start in bytes.indices where bytes[start...].starts(with: Self.pin) {
            fatalError("the PIN in '\(text)' is shown: \(shown)")
        }
    }
}
