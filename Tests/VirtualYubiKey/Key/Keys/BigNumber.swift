import CLibCrypto

/// A number of OpenSSL's.
final class BigNumber {
    let pointer: OpaquePointer

    /// Reads big-endian bytes; none are zero.
    init(_ bytes: [UInt8]) { pointer = BN_bin2bn(bytes, Int32(bytes.count), nil)! }

    deinit { BN_clear_free(pointer) }

    /// Big-endian, as short as can be.
    var bytes: [UInt8] { Self.bytes(pointer) }

    static func bytes(_ number: OpaquePointer?) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
        BN_bn2bin(number, &bytes)
        return bytes
    }
}
