import Crypto

/// A digest that somebody else made.
struct GivenDigest: Digest {
    static let byteCount = 0
    let bytes: [UInt8]

    var description: String { "\(bytes.count) bytes" }
    func makeIterator() -> Array<UInt8>.Iterator { bytes.makeIterator() }
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes(body)
    }
}
