internal import Foundation

/// A YubiKey in software: a PIV applet that is put into vsmartcard's virtual reader, so that pcscd and every real client of it
/// speak to it. It imitates firmware 5.4.3 and 5.7.1 as clients see them through PC/SC.
///
/// It does not imitate: USB (the reader stays when the key goes), NFC, other applications than what clients read on their way
/// to PIV, biometrics, SCP03/SCP11, FIPS, T=1 waiting time extensions, and the time that things take. It protects nothing: keys
/// stand in clear in memory and in the state file, and the attestation root says nothing about any device.
///
/// Every member may be used from any thread. A key that is let go of while it is plugged in stays in its reader until
/// `unplug()`.
public final class YubiKey: VirtualCard, @unchecked Sendable {
    // What follows is guarded by `condition`, which the reader's thread holds while a command is executed and lets go of
    // while it waits. `connectionLock` is taken before it, by whoever plugs and unplugs.
    let condition = NSCondition()
    var engine: CardEngine!
    let file: StateFile?
    private var currentLog = APDULog()
    private var faults: [ScheduledFault] = []
    var currentTouch = TouchBehaviour.granted
    var currentLatency = 0.0
    var isWaitingForTouch = false
    var givenTouches = 0
    var currentTouchCount = 0
    var isLeavingReader = false
    private let connectionLock = NSLock()
    private var connection: ReaderConnection?
    let root: AttestationRoot

    /// Makes a key as it comes from the factory, or goes on with the one in the state file.
    /// - Parameters:
    ///   - stateFile: Where the state is kept, in clear; nil keeps it in memory only.
    ///   - root: What signs the attestation key when that is made, the first time that it is needed.
    /// Throws where the state file cannot be read or is another key's.
    public init(
        firmware: FirmwareVersion = .v5_4_3, serial: UInt32 = 112_233, stateFile: String? = nil,
        root: AttestationRoot = .shared
    ) throws {
        self.root = root
        file = stateFile.map { StateFile(path: $0) }
        let stored = try file?.load()
        let state = stored ?? CardState(firmware: firmware, serial: serial)
        guard state.serial == serial, state.firmware == firmware else {
            throw ReaderError("the state file is of key \(state.serial) with firmware \(state.firmware)")
        }
        engine = CardEngine(PIVApplet(state, self))
        if stored == nil { save(state) }
    }

    // MARK: The reader

    /// Puts the key into the slot of the virtual reader that listens on the port, and returns when pcscd has seen it. Pulls it
    /// out of any other first. Throws `ReaderError` if that takes longer than so many seconds.
    public func plug(intoPort port: UInt16, seconds: Double = 10) throws {
        try connectionLock.withLock {
            closeConnection()
            connection = try ReaderConnection(self, port: port, seconds: seconds)
        }
    }

    /// Pulls the key out; a command that is being executed is not answered. Nothing happens where it is not plugged in.
    public func unplug() {
        connectionLock.withLock { closeConnection() }
    }

    private func closeConnection() {
        connection?.close()
        connection = nil
        condition.withLock { isLeavingReader = false }
    }

    /// Whether the key is in a reader.
    public var isPlugged: Bool { connectionLock.withLock { connection?.isOpen ?? false } }

    // MARK: What happens around it

    /// What happens when the key waits for a touch. At first it is granted.
    public var touch: TouchBehaviour {
        get { condition.withLock { currentTouch } }
        set {
            condition.withLock {
                currentTouch = newValue
                condition.broadcast()
            }
        }
    }

    /// How long each private-key operation takes in addition, in seconds: using a key, making one, attesting one.
    public var latencySeconds: Double {
        get { condition.withLock { currentLatency } }
        set { condition.withLock { currentLatency = newValue } }
    }

    /// Touches the key, if its touch is by hand: the wait that is on, or the next one.
    public func giveTouch() {
        condition.withLock {
            givenTouches += 1
            condition.broadcast()
        }
    }

    /// Waits until the key waits for a touch: until a real one would blink. Answers whether it does, false when the time is
    /// over.
    public func waitUntilTouchIsAwaited(seconds: Double = 30) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        return condition.withLock {
            while !isWaitingForTouch { if !condition.wait(until: end) { return isWaitingForTouch } }
            return true
        }
    }

    /// How often the key has waited for a touch.
    public var touchCount: Int { condition.withLock { currentTouchCount } }

    /// Lets something go wrong, once.
    /// - Parameters:
    ///   - number: With which command from now on; 1 is the next. As on the wire and in the log: each piece of a long one counts.
    ///   - instruction: Counts commands with this instruction only.
    public func fail(atAPDU number: Int, instruction: UInt8? = nil, with fault: Fault) {
        condition.withLock { faults.append(ScheduledFault(remaining: number, instruction: instruction, fault: fault)) }
    }

    /// Takes back what has not gone wrong yet.
    public func clearFaults() { condition.withLock { faults = [] } }

    // MARK: What happened

    /// The commands since the last clearing.
    public var log: APDULog { condition.withLock { currentLog } }

    /// Begins the log anew.
    public func clearLog() { condition.withLock { currentLog = APDULog() } }

    // MARK: VirtualCard

    /// A YubiKey 5's, on USB.
    public var answerToReset: [UInt8] {
        [
            0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57, 0x59, 0x75, 0x62,
            0x69,
            0x4B, 0x65, 0x79, 0x40,
        ]
    }

    /// Forgets the selected application and who has authenticated.
    public func reset() {
        condition.withLock {
            engine.reset()
            currentLog.resetCount += 1
        }
    }

    /// Executes a command, also without any reader.
    public func transmit(_ command: [UInt8]) -> CardAnswer {
        condition.withLock {
            let fault = nextFault(command)
            let answer = execute(command, fault)
            record(command, answer)
            return answer
        }
    }

    /// Ends the wait for a touch.
    public func readerWillClose() {
        condition.withLock {
            isLeavingReader = true
            condition.broadcast()
        }
    }

    private func execute(_ command: [UInt8], _ fault: Fault?) -> CardAnswer {
        switch fault {
        case nil: return .bytes(engine.answer(command))
        case .status(let status): return .bytes(status.bytes)
        case .unplug: return .unplugged
        case .reconnect: return .reconnected
        case .unplugAfterwards:
            _ = engine.answer(command)
            return .unplugged
        case .delay(let seconds):
            pause(seconds)
            return .bytes(engine.answer(command))
        case .truncate(let count): return .bytes(Array(engine.answer(command).prefix(count)))
        case .answer(let bytes):
            _ = engine.answer(command)
            return .bytes(bytes)
        case .data(let bytes): return .bytes(bytes + engine.answer(command).suffix(2))
        }
    }

    private func nextFault(_ command: [UInt8]) -> Fault? {
        var due: Fault?
        for index in faults.indices.reversed() {
            if let instruction = faults[index].instruction, command.count < 2 || command[1] != instruction { continue }
            faults[index].remaining -= 1
            if faults[index].remaining <= 0 { due = faults.remove(at: index).fault }
        }
        return due
    }

    private func record(_ command: [UInt8], _ answer: CardAnswer) {
        guard command.count >= 4 else { return }
        var entry = APDULog.Entry(
            cla: command[0], ins: command[1], p1: command[2], p2: command[3],
            lc: (try? CommandAPDU(command))?.data.count ?? command.count - 4, statusWord: nil, responseLength: 0)
        if case .bytes(let bytes) = answer {
            entry.responseLength = max(0, bytes.count - 2)
            if bytes.count >= 2 {
                entry.statusWord = StatusWord(UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1]))
            }
        }
        currentLog.entries.append(entry)
    }
}
