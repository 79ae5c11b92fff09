public import KeyStoreCore

/// Recognises a PIN that was seen before without keeping it: a salted SHA-256, good for this process only.
public struct PINFingerprint: Hashable, Sendable {
    private let digest: [UInt8]

    /// Computes what recognises the PIN.
    public init(_ pin: PIN) throws(KeyStoreError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.salt.count + pin.count, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        buffer.copyBytes(from: Self.salt)
        pin.withBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: buffer[Self.salt.count...]).copyMemory(from: bytes)
        }
        digest = try Digest.compute(UnsafeRawBufferPointer(buffer), .sha256)
    }

    private static let salt: [UInt8] = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
}
