public import KeyStoreCore

/// What references for OpenZiti's SDKs have in common, whichever backend writes them.
///
/// The Go SDK decodes a reference as a web address's query, `+` as a blank; the C SDK decodes nothing and ends a value at `&`.
/// So a reference that both read alike consists of characters that nobody escapes, and one that would not is refused.
public enum SDKReference {
    /// Whether both SDKs read these bytes as they stand: letters, digits, `-`, `.`, `_` and `~` (RFC 3986 §2.3).
    public static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy(PercentEncoding.isUnreserved)
    }

    /// The text, which ends where the PIN belongs, with the PIN behind it, in memory that is wiped. Neither SDK asks for a PIN,
    /// and the C SDK does not do without one. Throws `policyRefused` for a PIN that they read differently.
    public static func make(_ text: String, endingWith pin: PIN) throws(KeyStoreError) -> PIN {
        guard pin.withBytes({ isPlain($0) }) else {
            throw KeyStoreError(
                .policyRefused,
                "the OpenZiti SDKs read a PIN alike only if it consists of letters, digits, '-', '.', '_' and '~'")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count + pin.count, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        buffer.copyBytes(from: text.utf8)
        pin.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[text.utf8.count...]).copyMemory(from: $0) }
        return try PIN(UnsafeRawBufferPointer(buffer))
    }
}
