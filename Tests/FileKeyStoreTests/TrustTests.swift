import TemporaryFiles
import Glibc
import KeyStoreCore
import Testing

@testable import FileKeyStore

@Suite struct TrustTests {
    @Test func aFileOfAnotherUserIsRefusedWithTheRemedy() throws {
        let folder = TemporaryFolder()
        let path = try #require(AbsolutePath(Array(folder.path.utf8), relativeTo: AbsolutePath(components: [])))
        try folder.write("key.pem", [1])
        var status = try #require(FileStatus(at: path.appending(Array("key.pem".utf8))))
        try CheckedFile.enforce(.secret, on: status, path)
        status.owner = 0
        try CheckedFile.enforce(.secret, on: status, path)
        status.owner = geteuid() + 1
        let error = Folder.error { try CheckedFile.enforce(.secret, on: status, path) }
        #expect(error?.code == .policyRefused)
        #expect(error?.message.contains("chown \(geteuid()) \(folder.path)") == true)
    }

    @Test func aFileThatOthersMayReadCanBeTrustedAndOneTheyMayWriteCannot() throws {
        let folder = TemporaryFolder()
        let path = try #require(AbsolutePath(Array(folder.path.utf8), relativeTo: AbsolutePath(components: [])))
        for (mode, isTrusted) in [(mode_t(0o644), true), (0o444, true), (0o664, false), (0o646, false)] {
            try folder.write("\(mode)", [1], mode: mode)
            let status = try #require(FileStatus(at: path.appending(Array("\(mode)".utf8))))
            #expect((Folder.error { try CheckedFile.enforce(.trusted, on: status, path) } == nil) == isTrusted)
        }
    }
}
