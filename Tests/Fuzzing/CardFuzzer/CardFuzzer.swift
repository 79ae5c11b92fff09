/// Reads one input of libFuzzer's as whatever a PIV card could have answered, and as a reference, and holds what is read to
/// `CardProperties`. libFuzzer brings the main function.
@c(LLVMFuzzerTestOneInput)
public func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    CardProperties.hold(for: Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
