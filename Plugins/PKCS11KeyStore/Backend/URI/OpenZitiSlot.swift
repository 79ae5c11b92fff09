/// A `slot=` in OpenZiti's form, which its two SDKs read differently: Go by its prefix, C as hexadecimal always.
struct OpenZitiSlot: Equatable {
    /// The slot as the Go SDK reads it. What Go cannot read becomes slot 0 there.
    let goReading: UInt
    /// The slot as the C SDK reads it, or nil for what it cannot read.
    let cReading: UInt?

    init(_ text: String) {
        goReading = Self.readWithPrefix(text) ?? 0
        cReading = Self.digits(text.hasPrefix("0x") || text.hasPrefix("0X") ? text.dropFirst(2) : text[...], radix: 16)
    }

    /// The slot, where both SDKs mean the same one.
    var agreed: UInt? { cReading == goReading ? goReading : nil }

    /// Go's `strconv.ParseUint` with base 0: 0x, 0o and 0b, a leading zero for octal, else decimal.
    private static func readWithPrefix(_ text: String) -> UInt? {
        let lower = text.lowercased()
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where lower.hasPrefix(prefix) {
            return digits(lower.dropFirst(2), radix: radix)
        }
        return lower.hasPrefix("0") && lower.count > 1
            ? digits(lower.dropFirst(), radix: 8) : digits(lower[...], radix: 10)
    }

    private static func digits(_ text: Substring, radix: Int) -> UInt? {
        // `UInt(_:radix:)` takes a sign, which neither SDK does.
        text.utf8.first == UInt8(ascii: "+") || text.utf8.first == UInt8(ascii: "-") ? nil : UInt(text, radix: radix)
    }
}
