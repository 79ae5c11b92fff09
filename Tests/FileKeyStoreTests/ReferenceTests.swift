import TemporaryFiles
import FileKeyStore
import Foundation
import KeyStoreCore
import KeyStorePlugin
import Testing

@Suite struct ReferenceTests {
    private func describe(_ text: String) throws -> URIInfo { try FileBackend.describe(KeyStoreURI(text)) }
    private func refusal(_ text: String) -> KeyStoreError? { Folder.error { _ = try describe(text) } }

    @Test(arguments: [
        ("file:/a/b.pem", "file:///a/b.pem", "/a/b.pem"),
        ("file:///a/b.pem", "file:///a/b.pem", "/a/b.pem"),
        ("FILE:///a/b.pem", "file:///a/b.pem", "/a/b.pem"),
        ("file://localhost/a/b.pem", "file:///a/b.pem", "/a/b.pem"),
        ("file://LocalHost/a", "file:///a", "/a"),
        ("file:///a//b/./c/", "file:///a/b/c", "/a/b/c"),
        ("file:///", "file:///", "/"),
        ("file:///a%20b/%C3%A4.pem", "file:///a%20b/%C3%A4.pem", "/a b/ä.pem"),
        ("file:%2Fa%2Fb", "file:///a/b", "/a/b"),
        ("file:///with;semicolon=1", "file:///with%3Bsemicolon%3D1", "/with;semicolon=1"),
        ("file:///%41%7E", "file:///A~", "/A~"),
        ("file:///a/../b", "file:///a/../b", "/a/../b"),
        ("file:///../b", "file:///b", "/b"),
    ])
    func aReferenceHasOneNormalForm(_ text: String, _ normalised: String, _ path: String) throws {
        let info = try describe(text)
        #expect(info.normalised.text == normalised)
        #expect(info.attributes == [URIInfo.Attribute(name: "path", value: path)])
        #expect(info.warnings.isEmpty)
        #expect(try FileBackend.describe(info.normalised).normalised == info.normalised)
    }

    @Test func aRelativePathBeginsAtTheWorkingFolder() throws {
        let here = FileManager.default.currentDirectoryPath
        #expect(try describe("file:keys/a.pem").normalised.text == "file://\(here)/keys/a.pem")
        #expect(try describe("file:./a.pem").normalised.text == "file://\(here)/a.pem")
        #expect(try describe("file:.").normalised.text == "file://\(here)")
        let above = here.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        #expect(try describe("file:../a.pem").normalised.text == "file://\(above)/a.pem")
    }

    @Test(arguments: [
        ("file:", "empty"), ("file://", "empty"), ("file://localhost", "empty"), ("file:?backend=file", "empty"),
        ("file://example.org/a", "'example.org'"), ("file://a.pem", "'a.pem'"), ("file:///a%00b", "NUL"),
        ("file:///a%2", "hexadecimal"), ("file:///a%zz", "hexadecimal"), ("other:/a", "'other:'"),
        ("file:///a?=b", "no name"), ("file:///a?x-quirks=shy", "x-quirks"),
    ])
    func aReferenceThatMeansNoFileIsRefusedWithTheReason(_ text: String, _ reason: String) {
        let error = refusal(text)
        #expect(error?.code == .invalidURI)
        #expect(error?.message.contains(reason) == true)
        #expect(error?.subject == text)
    }

    @Test func aPathLongerThanTheSystemTakesIsRefused() throws {
        #expect(refusal("file:///" + String(repeating: "a", count: 4095))?.code == .invalidURI)
        #expect(try describe("file:///" + String(repeating: "a", count: 4094)).warnings.isEmpty)
    }

    @Test func queryAttributesThatAreNotUnderstoodAreWarnedAboutByName() throws {
        let info = try describe("file:///a?backend=file&pin-source=/run/pin&colour=crimson&x-quirks=")
        #expect(info.warnings.count == 3)
        for (warning, name) in zip(info.warnings, ["pin-source", "colour", "x-quirks"]) {
            #expect(warning.contains("'\(name)'"))
            #expect(warning.contains("'backend'"))
            #expect(!warning.contains("crimson") && !warning.contains("/run/pin"))
        }
        #expect(info.normalised.text == "file:///a")
    }

    @Test(arguments: [
        ("file:/a/b", "file:///a/b", true), ("file:/a", "file:///a/b", true), ("file:/a/b", "file:///a/c", false),
        ("file:/a/b", "file:///a", false), ("file:/", "file:///a/b", false), ("file:/a/%62", "file:/a//b", true),
        ("file:/", "file:/b", true),
    ])
    func aFileMatchesItsPathAndItsFolder(_ pattern: String, _ candidate: String, _ expected: Bool) throws {
        let matches = try FileBackend.uri(KeyStoreURI(pattern), matches: KeyStoreURI(candidate))
        #expect(matches == expected)
    }

    @Test func theBackendSaysWhatItsSessionsCan() throws {
        let folder = try Folder()
        let info = FileBackend.info
        #expect(info.name == "file" && info.schemes == ["file"] && info.reads.isEmpty && info.computesOnly)
        #expect(info.abilities.contains(.certificates) == (folder.session is any CertificateBackendSession))
        #expect(info.abilities.contains(.deleting) == (folder.session is any KeyDeletingBackendSession))
        #expect(info.abilities.contains(.importing) == (folder.session is any KeyImportingBackendSession))
        #expect(info.abilities.contains(.sdkReferences) == (folder.session is any SDKReferencingBackendSession))
    }

    @Test func aModuleIsWarnedAbout() throws {
        let host = ScriptedHost()
        _ = try FileBackend(opening: OpenRequest(uri: KeyStoreURI("file:/a"), module: "/lib/x.so"), host: host)
        #expect(host.warnings.count == 1)
    }

    @Test func theFolderIsTheToken() throws {
        let folder = try Folder()
        for uri in [try folder.folderURI, try folder.uri("absent.pem")] {
            let backend = try FileBackend(opening: OpenRequest(uri: uri), host: folder.host)
            var tokens: [TokenInfo] = []
            try backend.forEachToken(all: false) { token in
                tokens.append(token)
                return true
            }
            #expect(tokens.map(\.uri) == [try folder.folderURI])
            #expect(tokens.first?.location == folder.folder.path)
            #expect(tokens.first?.flags == [.initialised])
            #expect(try folder.session.token == tokens.first)
            backend.close()
        }
        let nowhere = try FileBackend(
            opening: OpenRequest(uri: folder.uri("absent/absent/key.pem")), host: folder.host)
        try nowhere.forEachToken(all: true) { _ in
            Issue.record("a folder that is not there is no token")
            return true
        }
    }
}
