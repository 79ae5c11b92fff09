import NIOCore

/// A request body in one piece that marks the moment at which it is asked for.
struct MarkedBody: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        var bytes: [UInt8]?
        let mark: SentMark

        mutating func next() async -> ByteBuffer? {
            mark.set()
            defer { bytes = nil }
            return bytes.map { ByteBuffer(bytes: $0) }
        }
    }

    let bytes: [UInt8]
    let mark: SentMark

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: bytes, mark: mark) }
}
