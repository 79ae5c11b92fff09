import TemporaryFiles
import Foundation
import KeyStoreCore
import KeyStoreLoader
import Testing

struct PluginSearchTests {
    private func refused(
        _ code: KeyStoreError.Code, _ loader: BackendLoader, _ uri: String, backend: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> KeyStoreError {
        let error = #expect(throws: KeyStoreError.self, sourceLocation: sourceLocation) {
            try loader.describe(try KeyStoreURI(uri), backend: backend)
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        return try #require(error)
    }

    @Test func aMissingBackendNamesEveryPlaceThatWasLookedAt() async throws {
        let first = TemporaryFolder()
        let second = TemporaryFolder()
        let loader = BackendLoader(pluginDirectories: [first.path, second.path, "/nowhere"])
        let error = try refused(.noSuchBackend, loader, "sample:token=a")
        for place in [first.path, second.path, "/nowhere", "libkeystore-sample.so", "'sample'"] {
            #expect(error.message.contains(place))
        }
        await #expect(throws: KeyStoreError(.noSuchBackend, "")) { try await loader.open("sample:token=a") }
        #expect(loader.backends().isEmpty)
    }

    @Test func pluginsAreFoundBesideTheRunningProgram() throws {
        let loader = BackendLoader()
        let listed = loader.backends()
        #expect(listed.map(\.name) == listed.map(\.name).sorted())
        let file = try #require(listed.first { $0.name == "file" })
        #expect(try file.info.get().schemes == ["file"])
        #expect(file.path == "\(loader.pluginDirectories[0])/libkeystore-file.so")
        #expect(try loader.describe(try KeyStoreURI("file:/a")).normalised.scheme == "file")
        #expect(
            !listed.contains { $0.name == "sample" || $0.name == "broken" }, "a test's plugin would be found by users")
    }

    @Test func theFirstFolderThatHasTheLibraryCounts() throws {
        let folder = TemporaryFolder()
        try folder.write("libkeystore-sample.so", Array("no library".utf8), mode: 0o755)
        let build = TestPlugins.loader().pluginDirectories[0]
        _ = try refused(
            .incompatibleBackend, BackendLoader(pluginDirectories: [folder.path, build]), "sample:token=a")
        #expect(throws: Never.self) {
            try BackendLoader(pluginDirectories: [build, folder.path]).describe(try KeyStoreURI("sample:token=a"))
        }
    }

    @Test func otherFilesInTheFolderAreNoPlugins() throws {
        let folder = TemporaryFolder()
        for name in ["keystore-a.so", "libkeystore-b.txt", "libkeystore-c", "libother.so"] { try folder.write(name) }
        try folder.write("libkeystore-d.so", mode: 0o755)
        let listed = BackendLoader(pluginDirectories: [folder.path, folder.path]).backends()
        #expect(listed.map(\.name) == ["d"])
    }

    @Test func aBackendIsChosenByArgumentOrQueryAndTheTwoMustAgree() throws {
        let folder = TemporaryFolder()
        let library = Array(try Data(contentsOf: URL(fileURLWithPath: BrokenPlugin.path)))
        try folder.write("libkeystore-computes.so", library, mode: 0o755)
        let loader = BackendLoader(pluginDirectories: [folder.path])
        #expect(try loader.describe(try KeyStoreURI("broken:a"), backend: "computes").attributes[0].value == "a")
        #expect(try loader.describe(try KeyStoreURI("broken:a?backend=computes")).attributes[0].value == "a")
        #expect(throws: Never.self) {
            try loader.describe(try KeyStoreURI("broken:a?backend=computes"), backend: "computes")
        }
        let conflict = try refused(.invalidURI, loader, "broken:a?backend=sample", backend: "computes")
        #expect(conflict.message.contains("'sample'") && conflict.message.contains("'computes'"))
        _ = try refused(.invalidURI, loader, "broken:a?backend=computes&backend=computes")
        let unread = try refused(.invalidURI, loader, "sample:token=a", backend: "computes")
        #expect(unread.message.contains("'sample:'"))
        _ = try refused(.noSuchBackend, loader, "broken:a?backend=nobody")
    }

    @Test(arguments: ["", "../x", "a/b", "%2E%2E%2Fx", "A", "a b", "é"])
    func whatIsNoNameOfABackendIsRefused(_ name: String) throws {
        let error = #expect(throws: KeyStoreError.self) {
            try TestPlugins.loader().describe(try KeyStoreURI("sample:token=a"), backend: name)
        }
        #expect(error?.code == .invalidURI)
        if !name.contains(" ") {
            #expect(throws: KeyStoreError(.invalidURI, "")) {
                try TestPlugins.loader().describe(try KeyStoreURI("sample:token=a?backend=\(name)"))
            }
        }
    }

    @Test func noErrorHoldsTheSecretOfAReference() throws {
        let loader = TestPlugins.loader()
        for uri in ["nobody:a?pin-value=8362", "broken:describe-silent-error?pin=8362", "sample:x?pin=8362&backend=é"] {
            let error = #expect(throws: KeyStoreError.self) { try loader.describe(try KeyStoreURI(uri)) }
            #expect(error?.subject.contains("8362") == false && error?.message.contains("8362") == false)
        }
    }

    @Test func aPluginThatOthersCanWriteIsNotLoaded() throws {
        let folder = TemporaryFolder()
        let library = Array(try Data(contentsOf: URL(fileURLWithPath: BrokenPlugin.path)))
        for (name, mode) in [("group", mode_t(0o775)), ("world", 0o757)] {
            try folder.write("libkeystore-\(name).so", library, mode: mode)
            let loader = BackendLoader(pluginDirectories: [folder.path])
            let error = try refused(.untrustedLibrary, loader, "broken:a", backend: name)
            #expect(error.message.contains("libkeystore-\(name).so"))
        }
    }
}
