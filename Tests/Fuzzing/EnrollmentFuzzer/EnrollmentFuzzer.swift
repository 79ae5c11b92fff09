/// Reads one input of libFuzzer's as everything that an administrator's file or a controller's answer could be, and holds
/// what is read to `EnrollmentProperties`. libFuzzer brings the main function.
@c(LLVMFuzzerTestOneInput)
public func test(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    EnrollmentProperties.hold(for: Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
