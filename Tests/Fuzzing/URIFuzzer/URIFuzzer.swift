/// Holds what is read from one input of libFuzzer's, which brings the main function, to `URIProperties`.
@c(LLVMFuzzerTestOneInput)
public func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    URIProperties.hold(for: Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
