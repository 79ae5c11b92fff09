import KeyStoreCore

/// A PIN or PUK as the card wants it: eight bytes, FF behind its end (SP 800-73-4 part 2 §2.4.3).
enum PaddedPIN {
    static let length = 8

    /// Nil for what cannot be one: fewer than 6 or more than 8 bytes, control characters, FF.
    static func make(_ pin: PIN) throws(KeyStoreError) -> PIN? {
        let isPossible = pin.withBytes { bytes in
            (6...length).contains(bytes.count) && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0xFF }
        }
        guard isPossible else { return nil }
        return try joined([pin])
    }

    /// Several behind each other, each padded.
    static func joined(_ pins: [PIN]) throws(KeyStoreError) -> PIN {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length * pins.count, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        buffer.initializeMemory(as: UInt8.self, repeating: 0xFF)
        for (index, pin) in pins.enumerated() {
            pin.withBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: buffer[(length * index)...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes.prefix(length)))
            }
        }
        return try PIN(UnsafeRawBufferPointer(buffer))
    }
}
