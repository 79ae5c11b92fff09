import CPCSC
import Glibc
import KeyStoreCore

/// A card that this process is connected to, beside other programs. One call at a time.
///
/// Commands are sent with SCardTransmit and not with libykpiv's `ykpiv_transfer_data`. That begins a transaction of its own
/// around each command, connects anew and resets the card by itself where it finds another program's reset, and tells every
/// failure of pcscd by one number: a PIN could reach a card that nobody has looked at.
final class Card {
    let reader: String
    let manager: ResourceManager
    private var limit: WaitLimit { manager.limit }
    private var handle: SCARDHANDLE?
    private let trace: (@Sendable (String) -> Void)?

    /// Connects. `trace` takes a line for each command.
    init(
        in reader: String, _ manager: ResourceManager, trace: (@Sendable (String) -> Void)?
    ) throws(KeyStoreError) {
        self.reader = reader
        self.manager = manager
        self.trace = trace
        do throws(KeyStoreError) { handle = try manager.connect(to: reader) } catch { throw bounded(error) }
    }

    deinit { disconnect() }

    /// Ends the connection and leaves the card as it is.
    func disconnect() {
        guard let handle else { return }
        self.handle = nil
        if manager.isForked { return }
        _ = limit.bounding { SCardDisconnect(handle, UInt(SCARD_LEAVE_CARD)) }
    }

    /// Ends the connection. The card is reset, and so forgets who has logged in, if no other program is connected to it.
    func disconnectResettingUnlessShared() {
        disconnect()
        // In a forked process the card is its parent's.
        guard !manager.isForked, let manager = try? manager.usable() else { return }
        if let state = try? manager.states(of: [reader]).first, !state.hasCard || state.isInUse { return }
        // As the only one, so that a program that came just now is not disturbed. Where nobody could say whether the card is
        // in use, this tells: pcscd gives nobody a card for himself that another program is connected to.
        guard let alone = try? manager.connect(to: reader, sharing: UInt(SCARD_SHARE_EXCLUSIVE)) else { return }
        _ = manager.limit.bounding { SCardDisconnect(alone, UInt(SCARD_RESET_CARD)) }
    }

    /// Takes note of a reset by another program, after which commands are accepted again. The applet must be selected anew.
    func acknowledgeReset() throws(KeyStoreError) {
        var protocolInUse: UInt = 0
        try call("SCardReconnect") { handle in
            SCardReconnect(
                handle, UInt(SCARD_SHARE_SHARED), UInt(SCARD_PROTOCOL_T1), UInt(SCARD_LEAVE_CARD), &protocolInUse)
        }
    }

    // MARK: Transactions

    /// Runs `body` while no other program can use the card. Waits for others, and throws `busy` where that takes too long.
    func transaction<Result>(_ body: () throws(KeyStoreError) -> Result) throws(KeyStoreError) -> Result {
        try call("SCardBeginTransaction") { SCardBeginTransaction($0) }
        defer { if let handle { _ = SCardEndTransaction(handle, UInt(SCARD_LEAVE_CARD)) } }
        return try body()
    }

    private func call(_ function: StaticString, _ body: (SCARDHANDLE) -> Int) throws(KeyStoreError) {
        try manager.demandSameProcess()
        guard let handle else {
            throw KeyStoreError.pcsc(.invalidHandle, function, during: "use card")
        }
        let result = PCSCResult(limit.bounding { body(handle) })
        guard result == .success else { throw bounded(KeyStoreError.pcsc(result, function, during: "use card")) }
    }

    /// What a failure means if the wait was given up.
    private func bounded(_ error: KeyStoreError) -> KeyStoreError {
        guard limit.hasFired else { return error }
        var error = error
        error.code = .busy
        error.message = "another program has held the card for too long"
        return error
    }

    // MARK: Commands

    /// Sends a command, in pieces where it is long, and fetches the whole answer. Nothing else may use the card meanwhile, so
    /// that this is to be called in a transaction.
    func send(_ command: Command) throws(KeyStoreError) -> Answer {
        try command.withBytes { data throws(KeyStoreError) in
            var answer = Answer()
            var rest = UnsafeRawBufferPointer(rebasing: data[...])
            while true {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.maximumPieceLength))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
                let isLast = rest.isEmpty
                try exchange(command, isLast ? command.cla : command.cla | 0x10, piece, &answer)
                if isLast { break }
                guard answer.status == .success else { return answer }
            }
            while answer.status.hasMore {
                guard answer.data.count <= Answer.maximumLength else {
                    throw KeyStoreError(.invalidReply, "the card's answer has no end", operation: "use card")
                }
                let before = answer.data.count
                try exchange(
                    .getResponse(answer.status.moreLength), 0, UnsafeRawBufferPointer(start: nil, count: 0), &answer)
                guard answer.data.count > before || !answer.status.hasMore else {
                    throw KeyStoreError(
                        .invalidReply, "the card announces more and sends nothing", operation: "use card")
                }
            }
            return answer
        }
    }

    /// One command and its answer, with the framing of libykpiv: five bytes and the data, no Le behind them.
    private func exchange(
        _ command: Command, _ cla: UInt8, _ data: UnsafeRawBufferPointer, _ answer: inout Answer
    ) throws(KeyStoreError) {
        try manager.demandSameProcess()
        guard let handle else { throw KeyStoreError.pcsc(.invalidHandle, "SCardTransmit", during: "use card") }
        var received: UInt = 0
        var result = PCSCResult.success
        let length = command.length ?? UInt8(data.count)
        let status = withUnsafeTemporaryAllocation(
            byteCount: 5 + data.count + Self.receiveLength, alignment: 16
        ) { buffer -> StatusWord? in
            // Fast, because it is done for each command, and not left out by a compiler.
            defer { explicit_bzero(buffer.baseAddress!, min(buffer.count, 5 + data.count + Int(clamping: received))) }
            let send = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(5 + data.count)])
            let receive = UnsafeMutableRawBufferPointer(rebasing: buffer[(5 + data.count)...])
            send.copyBytes(from: [cla, command.instruction.rawValue, command.p1, command.p2, length])
            UnsafeMutableRawBufferPointer(rebasing: send[5...]).copyMemory(from: data)
            received = UInt(receive.count)
            var request = SCARD_IO_REQUEST(
                dwProtocol: UInt(SCARD_PROTOCOL_T1), cbPciLength: UInt(MemoryLayout<SCARD_IO_REQUEST>.size))
            result = PCSCResult(
                SCardTransmit(
                    handle, &request, send.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(send.count), nil,
                    receive.baseAddress?.assumingMemoryBound(to: UInt8.self), &received))
            guard result == .success, received >= 2, received <= UInt(receive.count) else { return nil }
            let end = Int(received)
            answer.data += receive[..<(end - 2)]
            return StatusWord(rawValue: UInt16(receive[end - 2]) << 8 | UInt16(receive[end - 1]))
        }
        if let trace {
            let outcome =
                status.map { "\($0), \(received - 2) bytes" } ?? (result == .success ? "malformed" : result.name)
            trace("APDU \(command.header(cla: cla, count: data.count)) -> \(outcome)")
        }
        guard result == .success else {
            throw KeyStoreError.pcsc(result, "SCardTransmit", during: "use card")
        }
        // A reader that has lost its card in the middle answers nothing.
        guard received > 0 else {
            throw KeyStoreError.pcsc(.communicationDataLost, "SCardTransmit", during: "use card")
        }
        guard let status else {
            throw KeyStoreError(
                .invalidReply, "the card answered with \(received) bytes, which is no answer", operation: "use card")
        }
        answer.status = status
    }

    private static let maximumPieceLength = 255
    /// 256 bytes and the status word, and room for a card that sends longer answers.
    private static let receiveLength = 4096
}
