import ChildProcess
import TemporaryFiles

@testable import VirtualYubiKey

/// A pcscd with one reader and a key in it, for one test.
final class PluggedKey: Sendable {
    let daemon: PCSCDaemon
    let key: YubiKey
    let folder = TemporaryFolder()

    /// Lets `prepare` fill the key before it is plugged in.
    init(_ firmware: FirmwareVersion = .v5_4_3, _ prepare: (YubiKey) throws -> Void = { _ in }) throws {
        daemon = try PCSCDaemon()
        key = try YubiKey(firmware: firmware)
        try prepare(key)
        try key.plug(intoPort: daemon.ports[0])
    }

    deinit {
        daemon.stop()
        key.unplug()
    }

    /// The management key as tools take it.
    static let factoryManagementKey = String(repeating: "0102030405060708", count: 3)

    // MARK: Judges

    /// Runs yubico-piv-tool to its end.
    func pivTool(_ arguments: String...) throws -> ProgramOutcome { try run("yubico-piv-tool", arguments) }

    /// Runs ykman on the reader, as it would ask which key is meant: a driver has two slots, and it takes both for keys.
    func ykman(_ arguments: String...) throws -> ProgramOutcome {
        let program = try Program.installedForPython("ykman")
        return try run(program, ["--reader", "\(PCSCDaemon.yubiKeyReaderName) 00 00"] + arguments)
    }

    /// Runs pkcs11-tool with Yubico's module.
    func ykcs11(_ arguments: String...) throws -> ProgramOutcome {
        try run("pkcs11-tool", ["--module", "libykcs11.so.2"] + arguments)
    }

    /// Runs pkcs11-tool with OpenSC's module.
    func openSC(_ arguments: String...) throws -> ProgramOutcome {
        try run("pkcs11-tool", ["--module", "opensc-pkcs11.so"] + arguments)
    }

    private func run(_ name: String, _ arguments: [String]) throws -> ProgramOutcome {
        try run(try Program.system(name), arguments)
    }

    private func run(_ program: Program, _ arguments: [String]) throws -> ProgramOutcome {
        var program = program
        program.arguments = arguments
        // ykman would end scdaemon and yubikey-agent, of everybody, where it cannot connect.
        program.environment["PATH"] = "\(Checkout.path)/Tests/VirtualYubiKey/tools:\(program.environment["PATH"] ?? "")"
        program.workingDirectory = folder.path
        return try program.runBlocking()
    }
}
