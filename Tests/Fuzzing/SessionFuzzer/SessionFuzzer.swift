/// Reads one input of libFuzzer's as everything that a controller could answer to who logs in, and holds what is read to
/// `SessionProperties`. libFuzzer brings the main function.
@c(LLVMFuzzerTestOneInput)
public func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    SessionProperties.hold(for: Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
