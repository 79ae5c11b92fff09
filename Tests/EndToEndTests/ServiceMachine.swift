import ChildProcess
import DevelopmentController
import Foundation
import SoftHSMTokens
import TemporaryFiles
import Testing

/// A machine whose process 1 is systemd, with the installed service and one identity, `gateway`, whose certificate is due.
///
/// systemd is the system's own, as the system manager, and runs the unit file as `make install` leaves it: its ExecStart, its
/// credentials and its confinement. It has process, mount and cgroup namespaces of its own, for which it takes the right to
/// make them; a named hierarchy of cgroups without controllers; a file system that it cannot write to but for `/mnt`, where
/// everything is installed, and SoftHSM's tokens, which are those of the tests. No other unit of this machine is known to it:
/// the targets that the service waits for are empty. What is not imitated: a boot, a journal (a drop-in sends what the service
/// prints to a file), the limits of devices (which need a controller of cgroups), the wait of fifteen minutes before another
/// try, and the day until the timer comes back.
final class ServiceMachine: Sendable {
    /// Where the installed files are, seen from outside.
    private static let root = "stage/mnt"
    private static let identities = "\(root)/etc/ziti-keystore/identities"
    /// How long ago the identity was enrolled: its certificate is good for a year.
    private static let age = 350 * 86_400.0

    let place: Workplace
    private let clock: ManualClock
    private let token: SoftHSMToken

    init() async throws {
        let clock = ManualClock(Date() - Self.age)
        self.clock = clock
        place = try await Workplace { $0.now = { clock.now } }
        token = SoftHSM.shared.makeToken(label: "service")
        try await place.system(
            "make",
            [
                "--no-print-directory", "-C", Self.checkout, "install-files", "CONFIGURATION=debug",
                "DESTDIR=\(place.path("stage"))", "PREFIX=/mnt/usr", "SYSCONFDIR=/mnt/etc",
            ])
        try place.write("passphrase of the service", "passphrase")
        try place.write(token.pin, "pin")
    }

    private static var checkout: String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized.path
    }

    /// The identity file.
    var identity: [UInt8] { get throws { try place.folder.read("\(Self.identities)/gateway.json") } }

    /// The names in the folder of identities.
    var names: Set<String> {
        get throws { Set(try FileManager.default.contentsOfDirectory(atPath: place.path(Self.identities))) }
    }

    /// What the service has printed; nothing if it was not run.
    var log: String { String(decoding: (try? place.folder.read("\(Self.root)/log")) ?? [], as: UTF8.self) }

    /// Enrolls the identity with a new key. Almost a year passes.
    func enroll(_ key: ServedKey) async throws {
        let enrollment = try place.controller.makeEnrollment(
            name: "gateway", lifetimeSeconds: Int(Self.age) + 86_400)
        try place.write(enrollment.jwt, "gateway.jwt")
        let file = "\(Self.identities)/gateway.json"
        let arguments: [String] =
            switch key {
            case .keyFile: ["-k", "file:\(Self.identities)/gateway.pem", "--no-passphrase"]
            case .encryptedKeyFile:
                ["-k", "file:\(Self.identities)/gateway.pem", "--passphrase-source", "passphrase"]
            case .token: ["-k", token.uri("object=gateway"), "--pin-source", "pin"]
            }
        try await place.run(["enroll", "-j", "gateway.jwt", "-o", file, "--generate"] + arguments)
        // The folder has another path inside.
        let text = String(decoding: try identity, as: UTF8.self)
        try place.write(text.replacing(place.path(Self.root), with: "/mnt"), file)
        clock.advance(seconds: Self.age)
    }

    /// Lets the identity file name another controller, on the port.
    func setController(port: Int) throws {
        let text = String(decoding: try identity, as: UTF8.self)
        try place.write(
            text.replacing(":\(place.controller.port)", with: ":\(port)"), "\(Self.identities)/gateway.json")
    }

    /// Puts a secret where the service takes it from.
    func write(_ secret: String, _ name: String) throws { try place.write(secret, "\(Self.identities)/\(name)") }

    /// Puts the key's right secret there.
    func writeSecret(for key: ServedKey) throws {
        guard let name = key.credential else { return }
        let source = key == .token ? "pin" : "passphrase"
        try write(String(decoding: try place.folder.read(source), as: UTF8.self), name)
    }

    /// Boots, starts the unit so many times, one after the other, and says what systemd says of it then.
    func start(_ unit: String = "ziti-keystore-renew@gateway.service", times: Int = 1) async throws -> [String: String]
    {
        for name in ["run", "runtime", "units/ziti-keystore-renew@.service.d"] {
            try FileManager.default.createDirectory(
                atPath: place.path("\(Self.root)/\(name)"), withIntermediateDirectories: true)
        }
        for target in ["sysinit", "basic", "shutdown", "network-online", "timers"] {
            try place.write("[Unit]\nDefaultDependencies=no\n", "\(Self.root)/units/\(target).target")
        }
        // The tests' build is linked with the toolchain's libraries, which may stand where the service may not look.
        try place.write(
            """
            [Service]
            StandardOutput=append:/mnt/log
            StandardError=append:/mnt/log
            Environment=LD_LIBRARY_PATH=/mnt/runtime

            """, "\(Self.root)/units/ziti-keystore-renew@.service.d/test.conf")
        let starts = repeatElement("systemctl start \(unit); ", count: times).joined()
        try place.write(
            """
            [Unit]
            DefaultDependencies=no
            SuccessAction=exit-force
            FailureAction=exit-force
            [Service]
            Type=oneshot
            ExecStart=/bin/sh -c '\(starts) systemctl show \(unit)'
            StandardOutput=truncate:/mnt/shown
            StandardError=append:/mnt/log

            """, "\(Self.root)/units/start.service")
        var program = try Program.system(
            "unshare",
            [
                "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc", "--cgroup",
                "--uts", "--ipc", "sh", "-c", Self.boot, place.path(Self.root), "\(SoftHSM.shared.folder)/tokens",
                try await runtime(),
            ])
        program.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let outcome = try await program.run()
        try #require(outcome.status == 0, "systemd did not start or end as it should: \(outcome)")
        let shown = String(decoding: try place.folder.read("\(Self.root)/shown"), as: UTF8.self)
        var properties: [String: String] = [:]
        for line in shown.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { properties[String(parts[0])] = String(parts[1]) }
        }
        try #require(properties["LoadState"] == "loaded", "\(shown)")
        return properties
    }

    private static let boot = """
        set -e
        mount --bind "$0" /mnt
        mount --bind "$2" /mnt/runtime
        mount --bind "$1" /var/lib/softhsm/tokens
        mount -o remount,bind,ro /
        mount --make-rshared /
        for folder in /tmp /var/tmp /run /var/lib/systemd /sys/fs/cgroup; do mount -t tmpfs tmpfs $folder; done
        mkdir -p /sys/fs/cgroup/systemd
        mount -t cgroup -o none,name=systemd,xattr cgroup /sys/fs/cgroup/systemd
        export container=test SYSTEMD_UNIT_PATH=/mnt/units:/mnt/usr/lib/systemd/system SYSTEMD_GENERATOR_PATH=/mnt/none
        export SYSTEMD_LOG_TARGET=null
        exec /lib/systemd/systemd --system --unit=start.service --show-status=no
        """

    /// The folder of the Swift libraries that the command is linked with.
    private func runtime() async throws -> String {
        let listed = try await place.system("ldd", [place.path("\(Self.root)/usr/bin/ziti-keystore")]).outputText
        let name = "libswiftCore.so"
        let line = try #require(listed.split(separator: "\n").first { $0.contains("\(name) => ") }, "\(listed)")
        let path = try #require(line.split(separator: " ").first { $0.hasPrefix("/") })
        return String(path.dropLast(name.count + 1))
    }
}
