import KeyStoreCore

extension KeyType {
    /// Whether bytes have the form of a signature by a key of this type. Says nothing of whether it is right, which costs a
    /// verification; it catches a raw `r‖s` where DER is due, and what was cut short.
    func mayHaveSignature(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .rsa(let bits): bytes.count == (bits + 7) / 8
        case .ed25519: bytes.count == 64
        case .x25519: false
        case .ecP256: Self.isSequenceOfTwoIntegers(bytes, of: 32)
        case .ecP384: Self.isSequenceOfTwoIntegers(bytes, of: 48)
        case .ecP521: Self.isSequenceOfTwoIntegers(bytes, of: 66)
        }
    }

    /// An ECDSA-Sig-Value (RFC 3279 §2.2.3): two integers that are no longer than the curve's order, and one zero each to keep
    /// them positive.
    private static func isSequenceOfTwoIntegers(_ bytes: [UInt8], of length: Int) -> Bool {
        var rest = bytes[...]
        guard rest.popFirst() == 0x30, let first = rest.popFirst() else { return false }
        // Two integers for P-521 need 137 bytes or so, and with them a second length byte.
        let total = first == 0x81 ? rest.popFirst().map(Int.init) : Int(first)
        guard total == rest.count else { return false }
        for _ in 0..<2 {
            guard rest.popFirst() == 0x02, let count = rest.popFirst().map(Int.init),
                (1...length + 1).contains(count), count <= rest.count
            else { return false }
            rest = rest.dropFirst(count)
        }
        return rest.isEmpty
    }
}
