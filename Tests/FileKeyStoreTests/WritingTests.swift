import TemporaryFiles
import Foundation
import KeyStoreCore
import KeyStorePlugin
import Testing

@testable import FileKeyStore

/// Writing in both of its ways: file systems choose between them.
@Suite struct WritingTests {
    static let methods = [NewFile.Method.unnamed, .hidden]
    private let folder = TemporaryFolder()

    private func path(_ name: String) throws -> AbsolutePath {
        try #require(AbsolutePath(Array(folder.path(name).utf8), relativeTo: AbsolutePath(components: [])))
    }

    private func create(_ name: String, _ bytes: [UInt8], _ method: NewFile.Method) throws {
        let path = try path(name)
        let isDone = try bytes.withUnsafeBytes { try NewFile.create(path, $0, method) }
        #expect(isDone)
    }

    @Test(arguments: methods)
    func aNewFileIsWholeAndItsOwnersOnly(_ method: NewFile.Method) throws {
        let contents = [UInt8](repeating: 7, count: 300_000)
        try create("a", contents, method)
        #expect(try folder.read("a") == contents)
        #expect(try folder.mode("a") == 0o600)
        #expect(try folder.names() == ["a"])
    }

    @Test(arguments: methods)
    func anExistingFileIsNeverReplaced(_ method: NewFile.Method) throws {
        try folder.write("a", [1])
        #expect(throws: KeyStoreError(.keyExists, "")) { try create("a", [2], method) }
        #expect(try folder.read("a") == [1])
        #expect(try folder.names() == ["a"])
    }

    @Test(arguments: methods)
    func aMissingFolderIsAWriteFailure(_ method: NewFile.Method) throws {
        let error = Folder.error { try create("absent/a", [2], method) }
        #expect(error?.code == .writeFailed)
        #expect(error?.native?.name == "ENOENT")
    }

    @Test func aFileSystemWithoutUnnamedFilesGetsAHiddenOneInstead() throws {
        let path = try #require(AbsolutePath(Array("/proc/a".utf8), relativeTo: AbsolutePath(components: [])))
        var isDone = true
        let error = Folder.error {
            isDone = try [UInt8]([1]).withUnsafeBytes { try NewFile.create(path, $0, .unnamed) }
        }
        if geteuid() == 0 {
            // The answer that lets the second way be tried: nothing is written, and nothing is an error.
            #expect(!isDone && error == nil)
        } else {
            // Others are turned away before the file system is asked.
            #expect(error?.native?.name == "EACCES")
        }
    }

    @Test func aUmaskOfZeroLetsNobodyIn() async throws {
        await #expect(processExitsWith: .success) {
            umask(0)
            let folder = try Folder([.newPassphrase: ""])
            _ = try folder.session.generateKey(.ecP256, at: folder.uri("key.pem"))
            guard try folder.folder.mode("key.pem") == 0o600 else { exit(1) }
            for method in WritingTests.methods {
                let name = "\(method)"
                let path = AbsolutePath(
                    components: folder.folder.path(name).utf8.split(separator: 0x2F).map(Array.init))
                _ = try [UInt8]([1]).withUnsafeBytes { try NewFile.create(path, $0, method) }
                guard try folder.folder.mode(name) == 0o600 else { exit(2) }
            }
        }
    }

    @Test func aUmaskThatTakesEverythingLeavesTheOwnerTheFile() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try Folder([.newPassphrase: ""])
            umask(0o777)
            _ = try folder.session.generateKey(.ecP256, at: folder.uri("key.pem"))
            guard try folder.folder.mode("key.pem") == 0o600 else { exit(1) }
        }
    }

    /// The file size limit stands in for a full disk: a write is cut short, and the next one fails.
    @Test func aWriteThatFailsHalfWayLeavesNothing() async throws {
        await #expect(processExitsWith: .success) {
            let folder = TemporaryFolder()
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { exit(1) }
            for method in WritingTests.methods {
                let path = AbsolutePath(components: folder.path("a").utf8.split(separator: 0x2F).map(Array.init))
                let error = Folder.error {
                    _ = try [UInt8](repeating: 1, count: 5000).withUnsafeBytes { try NewFile.create(path, $0, method) }
                }
                guard error?.code == .writeFailed, error?.native?.name == "EFBIG" else { exit(2) }
                guard try folder.names().isEmpty else { exit(3) }
            }
        }
    }

    /// The same limit kills the process in the middle of the write when its signal is not ignored.
    @Test(arguments: [(false, 0), (true, 1)])
    func aProcessThatIsKilledWhileWritingLeavesNothingThatIsTakenForAKey(_ isHidden: Bool, _ left: Int) async throws {
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGXFSZ)) { [path = path as String, isHidden = isHidden as Bool] in
            // Child processes are started with signals blocked.
            signal(SIGXFSZ, SIG_DFL)
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGXFSZ)
            pthread_sigmask(Int32(SIG_UNBLOCK), &signals, nil)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { exit(1) }
            let file = AbsolutePath(components: "\(path)/key.pem".utf8.split(separator: 0x2F).map(Array.init))
            let error = Folder.error {
                _ = try [UInt8](repeating: 1, count: 5000).withUnsafeBytes {
                    try NewFile.create(file, $0, isHidden ? .hidden : .unnamed)
                }
            }
            // Only reached if nobody was killed.
            exit(Int32(error?.native?.number ?? 0))
        }
        let names = try folder.names()
        #expect(names.count == left)
        for name in names { #expect(try name.hasPrefix(".") && folder.mode(name) == 0o600) }
        let host = ScriptedHost()
        let session = try Folder.session(on: KeyStoreURI("file://\(path)"), host)
        try session.forEachKey(matching: nil) { _ in
            Issue.record("something is listed")
            return true
        }
        _ = try session.generateKey(.ecP256, at: KeyStoreURI("file://\(path)/key.pem"))
        #expect(host.warnings.isEmpty)
    }

    @Test func replacingExchangesTheFileAndNotWhatALinkLeadsTo() throws {
        let target = try folder.write("target", [1])
        try FileManager.default.createSymbolicLink(atPath: folder.path("a"), withDestinationPath: target)
        let path = try path("a")
        try [UInt8]([2]).withUnsafeBytes { try NewFile.replace(path, $0) }
        #expect(try folder.read("a") == [2])
        #expect(try folder.read("target") == [1])
        #expect(try folder.names() == ["a", "target"])
    }

    @Test func aReplacementThatFailsLeavesNoFile() throws {
        try FileManager.default.createDirectory(atPath: folder.path("a"), withIntermediateDirectories: false)
        let path = try path("a")
        let error = Folder.error { try [UInt8]([2]).withUnsafeBytes { try NewFile.replace(path, $0) } }
        #expect(error?.code == .writeFailed)
        #expect(error?.native?.name == "EISDIR")
        #expect(try folder.names() == ["a"])
    }

    @Test func removingWhatIsNotThereIsAWriteFailure() throws {
        let path = try path("a")
        #expect(Folder.error { try NewFile.remove(path) }?.code == .writeFailed)
    }
}
