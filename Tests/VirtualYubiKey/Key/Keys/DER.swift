import CLibCrypto

/// What DER asks of the few things that are encoded here.
enum DER {
    /// What one of OpenSSL's `i2d` functions writes.
    static func encode<Object>(
        _ function: (Object?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32, _ object: Object?
    ) -> [UInt8] {
        let length = Int(function(object, nil))
        guard length > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var next = buffer.baseAddress
            count = max(0, Int(function(object, &next)))
        }
    }

    /// The contents of an INTEGER that is not negative: without leading zeros, but with one before a high bit (X.690 §8.3).
    static func unsigned(_ bytes: [UInt8]) -> [UInt8] {
        let short = Array(bytes.drop { $0 == 0 })
        guard let first = short.first else { return [0] }
        return first >= 0x80 ? [0] + short : short
    }
}
