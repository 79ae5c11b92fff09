internal import ChildProcess
internal import Foundation
internal import TemporaryFiles

/// A pcscd of a test's own with virtual readers, in namespaces of the test's own (`PCSCNamespace`). The real daemon and
/// vsmartcard's real driver; only the readers' USB is not there. It ends when it is let go of.
public final class PCSCDaemon: Sendable {
    /// The ports of the readers' slots, in pcscd's order. Each driver has two slots, whether or not both are used: an unused
    /// one is an empty reader of a YubiKey's name.
    public let ports: [UInt16]
    private let folder: TemporaryFolder
    private let program: RunningProgram

    private static let driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
    private static let socket = "\(PCSCNamespace.folder)/pcscd.comm"
    /// How clients tell a YubiKey's readers: ykcs11 by how it begins, ykman by the words in it.
    public static let yubiKeyReaderName = "Yubico YubiKey OTP+FIDO+CCID"

    /// Starts pcscd, and returns when it listens. Throws where this process is not in the namespaces.
    /// - Parameter readerNames: A name for each driver, which must differ; pcscd appends the slot's numbers. None for no
    ///   reader at all.
    public init(readerNames: [String] = [yubiKeyReaderName]) throws {
        try PCSCNamespace.require()
        folder = TemporaryFolder()
        try folder.makeFolder("readers")
        var ports: [UInt16] = []
        for (index, name) in readerNames.enumerated() {
            let port = UInt16(36963 + 10 * index)
            try Self.configure(name, port, index, in: folder)
            ports += [port, port + 1]
        }
        self.ports = ports
        guard !Self.accepts() else {
            throw ReaderError("a pcscd runs here already; what started it was killed, or another test's has not ended")
        }
        program = try Program("/usr/sbin/pcscd", ["--foreground", "--config", folder.path("readers")]).start()
        guard Self.waitForSocket() else {
            throw ReaderError("pcscd does not listen on \(Self.socket); \(try program.stop())")
        }
    }

    /// Starts pcscd with so many slots, or one more, named as a YubiKey's readers.
    public convenience init(slots: Int) throws {
        let drivers = (0..<(slots + 1) / 2).map {
            $0 == 0 ? Self.yubiKeyReaderName : "Yubico YubiKey FIDO+CCID \($0 + 1)"
        }
        try self.init(readerNames: drivers)
    }

    deinit { stop() }

    /// Ends pcscd. Cards that are plugged in find their connection closed.
    public func stop() { _ = try? program.stop() }

    private static func configure(_ name: String, _ port: UInt16, _ index: Int, in folder: TemporaryFolder) throws {
        var library = driver
        if index > 0 {
            // Loaded twice from one path, the driver would have one table of connections for both.
            library = folder.path("libifdvpcd-\(index).so")
            try FileManager.default.copyItem(
                at: URL(filePath: driver).resolvingSymlinksInPath(), to: URL(filePath: library))
        }
        try folder.write(
            "readers/reader\(index)",
            """
            FRIENDLYNAME "\(name)"
            DEVICENAME   /dev/null:\(port)
            LIBPATH      \(library)
            CHANNELID    \(port)

            """)
    }

    private static func waitForSocket() -> Bool {
        let end = Date(timeIntervalSinceNow: 30)
        while !accepts() {
            guard Date() < end else { return false }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return true
    }

    private static func accepts() -> Bool {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
