/// Reads one input of libFuzzer's as a public key and as certificates, and holds what is read to `EncodingProperties`.
/// libFuzzer brings the main function.
@c(LLVMFuzzerTestOneInput)
public func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    EncodingProperties.hold(for: Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
