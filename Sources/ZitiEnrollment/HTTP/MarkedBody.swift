package import NIOCore

/// A request body in one piece that marks the moment at which it is asked for.
package struct MarkedBody: AsyncSequence, Sendable {
    package struct AsyncIterator: AsyncIteratorProtocol {
        var bytes: [UInt8]?
        let mark: SentMark

        package mutating func next() async -> ByteBuffer? {
            mark.set()
            defer { bytes = nil }
            return bytes.map { ByteBuffer(bytes: $0) }
        }
    }

    let bytes: [UInt8]
    let mark: SentMark

    /// A body whose mark is set when it is asked for.
    package init(bytes: [UInt8], mark: SentMark) {
        self.bytes = bytes
        self.mark = mark
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: bytes, mark: mark) }
}
