import KeyStoreCore
import KeyStorePlugin
import VirtualYubiKey

@testable import PIVKeyStore

/// A pcscd with a virtual YubiKey in its first reader, and what a test needs to use it.
final class Bench {
    let daemon: PCSCDaemon
    let key: YubiKey
    let host = TestHost()

    /// - Parameter slots: How many slots the readers have together, an even number.
    init(_ firmware: FirmwareVersion = .v5_4_3, serial: UInt32 = 112_233, slots: Int = 2) throws {
        daemon = try PCSCDaemon(slots: slots)
        key = try YubiKey(firmware: firmware, serial: serial)
        try key.plug(intoPort: daemon.ports[0])
        host.answers[.managementKey] = Self.hexadecimal(key.managementKey)
    }

    deinit { key.unplug() }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Pulls the key out, and waits until pcscd has seen that, which looks a few times a second.
    func unplug() throws {
        key.unplug()
        let manager = try ResourceManager(waitingAtMost: .seconds(5))
        var states = try manager.states(of: try manager.readers())
        while states.contains(where: \.hasCard) { try manager.waitForChange(of: &states, milliseconds: 10_000) }
    }

    /// Locks the PIN, as wrong ones of another program do.
    func lockPIN() {
        _ = key.transmit([0x00, 0xA4, 0x04, 0x00, 5, 0xA0, 0, 0, 3, 8])
        for _ in 0..<3 { _ = key.transmit([0x00, 0x20, 0x00, 0x80, 8] + Array("99999999".utf8)) }
    }

    /// Opens a store for a reference.
    func store(_ uri: String = "piv:", allowsLastTry: Bool = false, timeoutMilliseconds: UInt32? = nil) throws
        -> PIVBackend
    {
        try PIVBackend(
            opening: OpenRequest(
                uri: try KeyStoreURI(uri), allowsLastTry: allowsLastTry, timeoutMilliseconds: timeoutMilliseconds),
            host: host)
    }

    /// Opens a session on the one token.
    func session(
        _ uri: String = "piv:", login: SessionOptions.Login = .whenNeeded, isWritable: Bool = true,
        allowsLastTry: Bool = false, timeoutMilliseconds: UInt32? = nil
    ) throws -> any BackendSession {
        try store(uri, allowsLastTry: allowsLastTry, timeoutMilliseconds: timeoutMilliseconds).openSession(
            SessionOptions(isWritable: isWritable, login: login), host: host)
    }

    /// Runs `body` and gives the commands that the key saw meanwhile, one line each.
    func commands(_ body: () throws -> Void) rethrows -> [String] {
        key.clearLog()
        try body()
        return key.log.entries.map(\.description)
    }
}

/// What a body throws; a test fails where it throws nothing.
func failure<Result>(_ body: () throws -> Result) throws -> KeyStoreError {
    do {
        _ = try body()
    } catch let error as KeyStoreError {
        return error
    }
    throw NothingThrown()
}

/// A body that was to throw did not.
struct NothingThrown: Error {}

extension BackendKey {
    /// Signs a message with the key's first algorithm, or another.
    func sign(_ message: [UInt8], using algorithm: SignatureAlgorithm? = nil) throws -> [UInt8] {
        try message.withUnsafeBytes { bytes in
            Result { () throws(KeyStoreError) in
                try sign(bytes, form: .message, using: algorithm ?? info.algorithms[0])
            }
        }.get()
    }
}
