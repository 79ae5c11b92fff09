/// Reads objects from a module that answers as one input of libFuzzer's says, and holds what is read to
/// `AttributeProperties`. libFuzzer brings the main function.
@c(LLVMFuzzerTestOneInput)
public func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    AttributeProperties.hold(for: Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
