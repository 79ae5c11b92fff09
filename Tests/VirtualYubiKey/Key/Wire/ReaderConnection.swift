internal import Foundation

/// A card's connection to one slot of vsmartcard's virtual reader (vpcd): TCP, each message with its length in two bytes
/// before it. A message of one byte is a control, anything longer a command.
///
/// One thread reads and answers. Closing the connection is how a card is pulled out.
public final class ReaderConnection: @unchecked Sendable {
    // Everything below is guarded by `condition`.
    private let condition = NSCondition()
    private let card: any VirtualCard
    private let port: UInt16
    private var descriptor: Int32
    private var isClosing = false
    private var isOut = false
    private var hasEnded = false
    /// How often pcscd has asked for the answer to reset since it powered the card on for the first time. The first belongs
    /// to powering on; the second is sure to come after pcscd has told its clients. It may then power the card off at once.
    private var pollsWithPower: Int?

    private enum Control: UInt8 {
        case powerOff = 0
        case powerOn = 1
        case reset = 2
        case answerToReset = 4
    }

    /// Puts the card into the slot, and returns when pcscd has reported it to its clients. Throws `ReaderError` if nobody
    /// listens on the port, or pcscd does not power the card on, within so many seconds.
    public init(_ card: any VirtualCard, port: UInt16, seconds: Double = 10) throws {
        self.card = card
        self.port = port
        card.reset()
        descriptor = try Self.connect(to: port, seconds: seconds)
        Thread { [self] in run() }.start()
        guard waitUntilReported(seconds: seconds) else {
            close()
            throw ReaderError("pcscd has not powered the card on port \(port) on within \(seconds) seconds")
        }
    }

    /// Whether the card is still in the slot.
    public var isOpen: Bool { condition.withLock { !isOut } }

    /// Pulls the card out, and returns when pcscd has noticed, half a second later or so.
    public func close() {
        condition.withLock {
            isClosing = true
            if !isOut { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        card.readerWillClose()
        condition.withLock { while !hasEnded { condition.wait() } }
    }

    private func waitUntilReported(seconds: Double) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        return condition.withLock {
            while (pollsWithPower ?? 0) < 2, !isOut { if !condition.wait(until: end) { return false } }
            return !isOut
        }
    }

    // MARK: The thread

    private func run() {
        while let message = readMessage(descriptor) {
            if message.count == 1 {
                guard control(message[0]) else { break }
                continue
            }
            switch card.transmit(message) {
            case .bytes(let answer):
                if write(answer) { continue }
            case .reconnected:
                if reconnect() { continue }
            case .unplugged: break
            }
            break
        }
        card.reset()
        condition.withLock {
            isOut = true
            Glibc.close(descriptor)
        }
        awaitReportOfAbsence()
        condition.withLock {
            hasEnded = true
            condition.broadcast()
        }
    }

    /// Waits until pcscd knows that the card is gone. Otherwise one that comes next, if a client's command had found the
    /// connection closed before pcscd's own poll did, would be taken for the one that went.
    ///
    /// pcscd's poll, which asks for the answer to reset, is to meet a connection that is closed when it is asked. One such
    /// question may belong to a reset by a client; of two in a row at least one is a poll's.
    private func awaitReportOfAbsence() {
        var pollsInARow = 0
        while pollsInARow < 2 {
            // Nobody listens where pcscd has ended.
            guard let probe = try? Self.connect(to: port, seconds: 0) else { return }
            var limit = timeval(tv_sec: 10, tv_usec: 0)
            setsockopt(probe, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            let message = readMessage(probe)
            Glibc.close(probe)
            guard let message else { return }
            pollsInARow = message == [Control.answerToReset.rawValue] ? pollsInARow + 1 : 0
        }
    }

    private func control(_ byte: UInt8) -> Bool {
        switch Control(rawValue: byte) {
        case .powerOff, .reset:
            card.reset()
        case .powerOn:
            card.reset()
            condition.withLock { if pollsWithPower == nil { pollsWithPower = 0 } }
        case .answerToReset:
            guard write(card.answerToReset) else { return false }
            condition.withLock {
                if pollsWithPower != nil { pollsWithPower! += 1 }
                condition.broadcast()
            }
        case nil: return false
        }
        return true
    }

    private func reconnect() -> Bool {
        card.reset()
        guard let next = try? Self.connect(to: port, seconds: 10) else { return false }
        return condition.withLock {
            Glibc.close(descriptor)
            descriptor = next
            return !isClosing
        }
    }

    // MARK: Bytes

    private func readMessage(_ descriptor: Int32) -> [UInt8]? {
        guard let header = read(2, descriptor) else { return nil }
        return read(Int(header[0]) << 8 | Int(header[1]), descriptor)
    }

    private func read(_ count: Int, _ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            // vpcd sends length and body apart and with Nagle's algorithm on, so that every command would wait 40 ms for our
            // delayed acknowledgement. The kernel forgets the option after each use.
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &on, socklen_t(MemoryLayout<Int32>.size))
            let part = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + done, count - done, 0) }
            if part < 0, errno == EINTR { continue }
            guard part > 0 else { return nil }
            done += part
        }
        return bytes
    }

    private func write(_ message: [UInt8]) -> Bool {
        let bytes = [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
        var done = 0
        while done < bytes.count {
            let part = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            if part < 0, errno == EINTR { continue }
            guard part > 0 else { return false }
            done += part
        }
        return true
    }

    private static func connect(to port: UInt16, seconds: Double) throws -> Int32 {
        let end = Date(timeIntervalSinceNow: seconds)
        while true {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw ReaderError("no socket can be made: errno \(errno)") }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if status == 0 {
                var on: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                return descriptor
            }
            let number = errno
            Glibc.close(descriptor)
            // pcscd listens a moment after its own socket is there.
            guard number == ECONNREFUSED, Date() < end else {
                throw ReaderError("no virtual reader listens on port \(port): errno \(number)")
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }
}
