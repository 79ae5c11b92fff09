import CKeyStore

/// Holds copies of bytes while a struct that points to them crosses the boundary.
final class Arena {
    private var blocks: [UnsafeMutableRawBufferPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    func bytes(_ contents: some Collection<UInt8>) -> keystore_bytes {
        guard !contents.isEmpty else { return keystore_bytes(data: nil, count: 0) }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 1)
        block.copyBytes(from: contents)
        blocks.append(block)
        return keystore_bytes(UnsafeRawBufferPointer(block))
    }

    func bytes(_ text: String) -> keystore_bytes { bytes(text.utf8) }

    func array<Element>(_ elements: [Element]) -> UnsafePointer<Element>? {
        guard !elements.isEmpty else { return nil }
        let block = UnsafeMutableRawBufferPointer.allocate(
            byteCount: MemoryLayout<Element>.stride * elements.count, alignment: MemoryLayout<Element>.alignment)
        blocks.append(block)
        let typed = block.initializeMemory(as: Element.self, from: elements).initialized
        return UnsafePointer(typed.baseAddress)
    }
}
