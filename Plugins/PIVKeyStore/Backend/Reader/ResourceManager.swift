import CPCSC
import Glibc
import KeyStoreCore

/// A connection to pcscd, the daemon through which programs share card readers. One call at a time, from any thread.
final class ResourceManager: Sendable {
    private let handle: ContextHandle
    /// Bounds the waiting for other programs. Once it was too long the connection is of no use any more.
    let limit: WaitLimit

    private let longestWait: Duration
    private var context: SCARDCONTEXT { handle.context }

    /// Connects to the daemon. Throws `backendFailure` where none runs, `policyRefused` where it refuses this user.
    init(waitingAtMost limit: Duration) throws(KeyStoreError) {
        let handle = try ContextHandle()
        self.handle = handle
        self.limit = WaitLimit(limit, isForked: { handle.isForked }, onExpiry: { handle.release() })
        longestWait = limit
    }

    /// This connection, or a new one if a wait was given up, which has used this one up.
    func usable() throws(KeyStoreError) -> ResourceManager {
        limit.hasFired ? try ResourceManager(waitingAtMost: longestWait) : self
    }

    /// Whether the connection is the parent's of this process, through which nothing may be said.
    var isForked: Bool { handle.isForked }

    /// Throws `unsupportedOperation` in a process that was forked from the one that made the connection.
    func demandSameProcess() throws(KeyStoreError) {
        guard isForked else { return }
        throw KeyStoreError(
            .unsupportedOperation,
            "this process was forked from the one that opened the session, and must not use its connection to the card; open "
                + "another session here",
            operation: "use card after fork")
    }

    /// The readers that there are, in the daemon's order.
    func readers() throws(KeyStoreError) -> [String] {
        try demandSameProcess()
        while true {
            var length: UInt = 0
            var result = PCSCResult(SCardListReaders(context, nil, nil, &length))
            var names: [String] = []
            if result == .success {
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(length) + 1) { buffer in
                    result = PCSCResult(SCardListReaders(context, nil, buffer.baseAddress, &length))
                    guard result == .success else { return }
                    let bytes = buffer[..<min(Int(length), buffer.count)].map { UInt8(bitPattern: $0) }
                    names = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                }
            }
            switch result {
            case .success: return names
            case .noReadersAvailable: return []
            // A reader came in between.
            case .insufficientBuffer: continue
            default: throw KeyStoreError.pcsc(result, "SCardListReaders", during: "list readers")
            }
        }
    }

    /// The states of the readers now.
    func states(of readers: [String]) throws(KeyStoreError) -> [ReaderState] {
        var states = readers.map { ReaderState(name: $0) }
        guard !states.isEmpty else { return [] }
        try waitForChange(of: &states, milliseconds: 0)
        return states
    }

    /// Waits until a reader's state is another one than the one given, and takes note of it. False if that did not happen in
    /// the time given.
    @discardableResult
    func waitForChange(of states: inout [ReaderState], milliseconds: UInt32) throws(KeyStoreError) -> Bool {
        try demandSameProcess()
        var native: [SCARD_READERSTATE] = states.map { state in
            var native = SCARD_READERSTATE()
            native.szReader = UnsafePointer(strdup(state.name))
            native.dwCurrentState = state.flags
            return native
        }
        defer { for state in native { free(UnsafeMutablePointer(mutating: state.szReader)) } }
        let result = PCSCResult(SCardGetStatusChange(context, UInt(milliseconds), &native, UInt(native.count)))
        guard result == .success || result == .timeout else {
            throw KeyStoreError.pcsc(result, "SCardGetStatusChange", during: "watch readers")
        }
        for index in states.indices { states[index].flags = native[index].dwEventState & ~ReaderState.changed }
        return result == .success
    }

    // MARK: Cards

    /// Connects to the card in a reader, which other programs may use too unless said otherwise.
    func connect(
        to reader: String, sharing: UInt = UInt(SCARD_SHARE_SHARED)
    ) throws(KeyStoreError) -> SCARDHANDLE {
        try demandSameProcess()
        var handle: SCARDHANDLE = 0
        var protocolInUse: UInt = 0
        let result = PCSCResult(
            limit.bounding {
                SCardConnect(context, reader, sharing, UInt(SCARD_PROTOCOL_T1), &handle, &protocolInUse)
            })
        guard result == .success else { throw KeyStoreError.pcsc(result, "SCardConnect", during: "connect to card") }
        return handle
    }
}
