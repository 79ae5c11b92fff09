import TemporaryFiles
import Foundation
import KeyStoreCore
import KeyStoreLoader
import Testing

/// A library whose table, or lack of one, cannot be used. The plugin's fault is the name of its file.
struct BrokenTableTests {
    @Test(arguments: [
        ("wrong-major", "version 2"), ("small-table", "too small"), ("no-function", "lacks functions"),
        ("no-name", "its name is missing"), ("no-version", "its version is missing"), ("no-scheme", "names no scheme"),
        ("long-name", "too long"), ("name-not-utf8", "not UTF-8"), ("other-name", "'somebody-else'"),
        ("entry-null", "does not serve version 1"),
    ])
    func aTableThatIsWrongIsIncompatible(_ fault: String, _ reason: String) throws {
        let folder = TemporaryFolder()
        let library = try folder.write(
            "libkeystore-\(fault).so", Array(try Data(contentsOf: URL(fileURLWithPath: BrokenPlugin.path))), mode: 0o755
        )
        let loader = BackendLoader(pluginDirectories: [folder.path])
        let error = #expect(throws: KeyStoreError.self) {
            try loader.describe(try KeyStoreURI("broken:a"), backend: fault)
        }
        #expect(error?.code == .incompatibleBackend)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(library) == true || error?.subject.contains(library) == true)
        let listed = loader.backends()
        #expect(listed.map(\.name) == [fault])
        #expect(throws: KeyStoreError(.incompatibleBackend, "")) { try listed.first?.info.get() }
    }

    @Test func aFileThatIsNoLibraryIsIncompatible() throws {
        let folder = TemporaryFolder()
        try folder.write("libkeystore-text.so", Array("no library".utf8), mode: 0o755)
        try folder.write("libkeystore-empty.so", mode: 0o755)
        let library = Array(try Data(contentsOf: URL(fileURLWithPath: BrokenPlugin.path)))
        try folder.write("libkeystore-cut.so", Array(library.prefix(40)), mode: 0o755)
        try folder.makeFolder("libkeystore-folder.so")
        for name in ["text", "empty", "cut", "folder"] {
            #expect(throws: KeyStoreError(.incompatibleBackend, "")) {
                try BackendLoader(pluginDirectories: [folder.path]).describe(try KeyStoreURI("\(name):a"))
            }
        }
    }

    @Test func aLibraryWithoutTheEntryFunctionIsNoPlugin() throws {
        let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        let maps = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        // Any small library that the process has loaded anyway.
        let line = try #require(
            maps.split(separator: "\n").first { line in
                ["/libBlocksRuntime", "/libm.so", "/libgcc_s"].contains { line.contains($0) }
            })
        let library = String(try #require(line.split(separator: " ").last))
        let folder = TemporaryFolder()
        try folder.write(
            "libkeystore-mathematics.so", Array(try Data(contentsOf: URL(fileURLWithPath: library))), mode: 0o755)
        let error = #expect(throws: KeyStoreError.self) {
            try BackendLoader(pluginDirectories: [folder.path]).describe(try KeyStoreURI("mathematics:a"))
        }
        #expect(error?.code == .incompatibleBackend)
        #expect(error?.message.contains("keystore_plugin_entry_v1") == true)
    }

    @Test func aTokenThatIsResetAndNotDescribedIsInvalidReply() throws {
        let folder = TemporaryFolder()
        try folder.write(
            "libkeystore-administers.so", Array(try Data(contentsOf: URL(fileURLWithPath: BrokenPlugin.path))),
            mode: 0o755)
        let store = try BackendLoader(pluginDirectories: [folder.path]).openBlocking(
            OpenRequest(uri: try KeyStoreURI("broken:a")), backend: "administers")
        #expect(throws: KeyStoreError(.invalidReply, "")) { try store.reset(pin: .none) }
    }

    @Test func anExtensionTableThatIsTooSmallOrEmptyIsNoAbilityThatWorks() async throws {
        let session = try await BrokenPlugin.open("broken:ok").openSession(pin: .none)
        #expect(session.importing == nil)
        #expect(session.certificates == nil)
        await #expect(throws: KeyStoreError(.unsupportedOperation, "")) {
            try await session.deleting?.deleteKey(at: try KeyStoreURI("broken:ok"))
        }
        let blocking = try BrokenPlugin.openBlocking("broken:ok").openSession(pin: .none)
        let uri = try KeyStoreURI("broken:ok")
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) { try blocking.certificates(at: uri) }
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) { try blocking.store([[1]], at: uri) }
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) { try blocking.removeCertificates(at: uri) }
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) { try blocking.sdkReference(at: uri) }
        #expect(throws: KeyStoreError(.unsupportedOperation, "")) { try blocking.importKey(pem: try PIN("x"), at: uri) }
    }
}
