import Glibc

/// The lines of a regular file, of which one block is in memory at a time. A pipe would be none: it cannot be read again by the
/// run that goes on with an interrupted batch, and no signal ends the wait for it.
final class ManifestLines {
    /// The longest line, in bytes. An enrollment JWT has at most half of that.
    static let maximumLength = 128 << 10

    /// A line without its end.
    struct Line {
        let number: Int
        /// Nothing, if the line is longer than `maximumLength`.
        let bytes: [UInt8]
        let isTooLong: Bool
    }

    private let path: String
    private let descriptor: Int32
    private let size: Int
    private var block: [UInt8] = []
    private var position = 0
    private var consumed = 0
    private var count = 0
    private var returned: [Line] = []

    /// Opens the file. Throws `badData`, naming it.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        let isOpen = descriptor >= 0 && fstat(descriptor, &status) == 0
        let error = errno
        size = isOpen ? Int(status.st_size) : 0
        guard isOpen else { throw Self.failure("open", path, error) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure.badData("the manifest \(path) is not a regular file", subject: path)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// How much of the file has been read, from 0 to 1.
    var fraction: Double { size > 0 ? min(Double(consumed) / Double(size), 1) : 1 }

    /// The next line; nil at the end. Throws `badData` if the file cannot be read.
    func next() throws -> Line? {
        if let line = returned.popLast() { return line }
        var bytes: [UInt8] = []
        var isTooLong = false
        var isEmpty = true
        while true {
            if position == block.count {
                guard try readBlock() else { break }
            }
            isEmpty = false
            let rest = block[position...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let part = rest[..<(end ?? rest.endIndex)]
            if bytes.count + part.count > Self.maximumLength {
                isTooLong = true
                bytes = []
            }
            if !isTooLong { bytes += part }
            position = end.map { $0 + 1 } ?? block.count
            consumed += part.count + (end == nil ? 0 : 1)
            if end != nil { break }
        }
        if isEmpty { return nil }
        count += 1
        // A byte order mark, which some editors put in front.
        if count == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        return Line(number: count, bytes: bytes, isTooLong: isTooLong)
    }

    /// Gives lines back, which come again in the same order.
    func giveBack(_ lines: some BidirectionalCollection<Line>) { returned += lines.reversed() }

    private func readBlock() throws -> Bool {
        block = try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            repeat {
                count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            guard count >= 0 else {
                count = 0
                throw Self.failure("read", path, errno)
            }
        }
        position = 0
        return !block.isEmpty
    }

    private static func failure(_ function: String, _ path: String, _ number: Int32) -> CommandFailure {
        .file(
            .badData, "the manifest \(path) cannot be read: \(String(cString: strerror(number)))", path: path,
            function: function, errno: number)
    }
}
