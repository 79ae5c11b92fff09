/// Reads one input of libFuzzer's as a manifest of a batch in each format, and holds what is read to `ManifestProperties`.
/// libFuzzer brings the main function.
@c(LLVMFuzzerTestOneInput)
public func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    ManifestProperties.hold(for: Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
