/// A struct that the other side filled, as far as its size says that it was compiled with it: fields beyond that, which an
/// older other side does not know, read as zero. Nil for one that is shorter than its first version was.
///
/// Every struct of the boundary begins with its size as 32 bits and is plain data, so that zero bytes are a valid value.
public func prefix<Struct: BitwiseCopyable>(of pointer: UnsafePointer<Struct>, firstVersion: Int) -> Struct? {
    let raw = UnsafeRawPointer(pointer)
    let size = Int(raw.load(as: UInt32.self))
    guard size >= firstVersion else { return nil }
    return withUnsafeTemporaryAllocation(
        byteCount: MemoryLayout<Struct>.size, alignment: MemoryLayout<Struct>.alignment
    ) { space in
        space.initializeMemory(as: UInt8.self, repeating: 0)
        space.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: min(size, space.count)))
        return space.load(as: Struct.self)
    }
}
