import KeyStoreCore

/// A management key, which allows changes to a card.
struct ManagementKey {
    let bytes: PIN

    /// Reads hexadecimal digits. Throws `invalidData` for anything else, and for a length that no cipher has, before
    /// anything is sent.
    init(hexadecimal text: PIN) throws(KeyStoreError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        var count: Int?
        text.withBytes { digits in
            guard [32, 48, 64].contains(digits.count) else { return }
            for index in 0..<digits.count / 2 {
                guard let high = Self.value(digits[2 * index]), let low = Self.value(digits[2 * index + 1]) else {
                    return
                }
                buffer[index] = high << 4 | low
            }
            count = digits.count / 2
        }
        guard let count else {
            throw KeyStoreError(
                .invalidData,
                "a management key is 32, 48 or 64 hexadecimal digits, and this is none; it was not sent")
        }
        bytes = try PIN(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// The data of the command that sets this key.
    func parameters(_ cipher: ManagementCipher) throws(KeyStoreError) -> PIN {
        let header = [cipher.rawValue, Applet.Reference.managementKey, UInt8(bytes.count)]
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: header.count + bytes.count, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        buffer.copyBytes(from: header)
        bytes.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[header.count...]).copyMemory(from: $0) }
        return try PIN(UnsafeRawBufferPointer(buffer))
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
