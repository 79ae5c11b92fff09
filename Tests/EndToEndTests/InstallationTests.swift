import ChildProcess
import Foundation
import TemporaryFiles
import Testing

/// What `make install` puts where, from the build that the tests belong to.
struct InstallationTests {
    private let folder = TemporaryFolder()

    private func install(_ settings: String...) async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        var make = try Program.system(
            "make", ["--no-print-directory", "install-files", "CONFIGURATION=debug"] + settings)
        make.workingDirectory = root.path
        let outcome = try await make.run()
        try #require(outcome.status == 0, "\(outcome)")
    }

    @Test func theInstalledCommandFindsItsPluginsWhereverItWasInstalled() async throws {
        try await install("DESTDIR=\(folder.path)/stage", "PREFIX=/usr", "SYSCONFDIR=/etc")
        var program = Program(folder.path("stage/usr/bin/ziti-keystore"), ["backends"])
        program.workingDirectory = folder.path
        let backends = try await program.run()
        #expect(backends.status == 0, "\(backends)")
        for scheme in ["file", "pkcs11", "piv"] {
            #expect(backends.outputText.contains("\(folder.path)/stage/usr/lib/ziti-keystore/libkeystore-\(scheme).so"))
        }
        program.arguments = ["generate", "file:key.pem", "--no-passphrase"]
        #expect(try await program.run().status == 0)
        let unit = String(
            decoding: try folder.read("stage/usr/lib/systemd/system/ziti-keystore-renew@.service"), as: UTF8.self)
        #expect(unit.contains("ExecStart=/usr/bin/ziti-keystore identity renew /etc/ziti-keystore/identities/%i.json"))
        #expect(!unit.contains("@PREFIX@") && !unit.contains("@SYSCONFDIR@") && !unit.contains(folder.path))
        var status = stat()
        #expect(
            stat(folder.path("stage/etc/ziti-keystore/identities"), &status) == 0 && status.st_mode & 0o777 == 0o700)
    }

    @Test func systemdFindsNoFaultWithTheUnits() async throws {
        try await install("PREFIX=\(folder.path)", "SYSCONFDIR=\(folder.path)/etc")
        let units = ["service", "timer"].map { folder.path("lib/systemd/system/ziti-keystore-renew@.\($0)") }
        let outcome = try await Program.system("systemd-analyze", ["--man=no", "verify"] + units).run()
        #expect(outcome.status == 0, "\(outcome)")
        // What it does not understand it only mentions.
        #expect(!outcome.errorText.contains("ziti-keystore-renew"), "\(outcome)")
    }

    @Test func theServiceIsConfined() async throws {
        try await install("PREFIX=\(folder.path)", "SYSCONFDIR=\(folder.path)/etc")
        let unit = folder.path("lib/systemd/system/ziti-keystore-renew@.service")
        let outcome = try await Program.system(
            "systemd-analyze", ["security", "--offline=true", "--threshold=40", unit]
        ).run()
        #expect(outcome.status == 0, "\(outcome)")
    }
}
