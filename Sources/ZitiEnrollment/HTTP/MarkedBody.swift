/// A request body that marks the moment at which it is asked for.
///
/// It is a collection so that it is written in one piece with the end of its request. Where a body is streamed, its end can
/// come later than the answer; the connection is not free then, or is closed, and the next request opens another one, which
/// costs another signature.
package struct MarkedBody: RandomAccessCollection, Sendable {
    private let bytes: [UInt8]
    private let mark: SentMark

    /// A body whose mark is set when it is asked for.
    package init(bytes: [UInt8], mark: SentMark) {
        self.bytes = bytes
        self.mark = mark
    }

    package var startIndex: Int { bytes.startIndex }
    package var endIndex: Int { bytes.endIndex }
    package subscript(position: Int) -> UInt8 { bytes[position] }

    package func makeIterator() -> Array<UInt8>.Iterator {
        mark.set()
        return bytes.makeIterator()
    }

    package func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
        mark.set()
        return try bytes.withContiguousStorageIfAvailable(body)
    }
}
