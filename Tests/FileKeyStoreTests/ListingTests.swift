import TemporaryFiles
import FileKeyStore
import Foundation
import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import Testing

@Suite struct ListingTests {
    @Test func aFoldersKeysAreListedByNameAndNothingElseIs() throws {
        let folder = try Folder([:])
        try folder.folder.write("b.pem", Folder.plainKey)
        try folder.folder.write("a", Folder.otherKey)
        try folder.folder.write("readme.txt", Array("-----BEGIN nothing".utf8), mode: 0o644)
        try folder.folder.write("ca.pem", Folder.certificate(of: Folder.plainKey), mode: 0o644)
        try folder.folder.write("b.pem.crt", Folder.certificate(of: Folder.plainKey), mode: 0o644)
        try folder.folder.write(".hidden.pem", Folder.plainKey)
        try folder.folder.write("large", [UInt8](repeating: 0, count: (1 << 20) + 1))
        try FileManager.default.createDirectory(
            atPath: folder.folder.path("sub.pem"), withIntermediateDirectories: false)
        #expect(mkfifo(folder.folder.path("fifo.pem"), 0o600) == 0)
        let keys = try folder.keys()
        #expect(keys.map(\.label) == ["a", "b.pem"])
        #expect(keys.map(\.type) == [.ed25519, .ecP256])
        #expect(keys.map(\.hasCertificate) == [false, true])
        #expect(try keys[1].publicKey?.der == OpenSSLCommand.publicKey(ofPEM: Folder.plainKey))
        #expect(folder.host.warnings.isEmpty)
        #expect(folder.host.requests.isEmpty)
    }

    @Test func aListingAsksForNoPassphraseAndACertificateTellsThePublicKey() throws {
        let folder = try Folder([.passphrase: Folder.passphrase])
        try folder.folder.write("a.pem", Folder.encryptedKey)
        try folder.folder.write("b.pem", Folder.encryptedKey)
        try folder.folder.write("b.pem.crt", Folder.certificate(of: Folder.plainKey), mode: 0o644)
        let keys = try folder.keys()
        #expect(keys.map(\.type) == [nil, .ecP256])
        #expect(keys.map(\.protection) == [.passphrase, .passphrase])
        #expect(keys.map { $0.publicKey == nil } == [true, false])
        #expect(keys[0].algorithms.isEmpty && keys[1].algorithms == [.ecdsaP256SHA256])
        #expect(try folder.session.publicKey(at: folder.uri("b.pem")) == keys[1].publicKey)
        #expect(folder.host.requests.isEmpty)
        // What was opened meanwhile is known.
        _ = try folder.session.key(at: folder.uri("a.pem"))
        #expect(try folder.keys().map(\.type) == [.ecP256, .ecP256])
    }

    @Test func whatIsListedCanBeOpened() throws {
        let folder = try Folder()
        try folder.folder.write("with space & ;ü.pem", Folder.plainKey)
        let listed = try #require(try folder.keys().first)
        #expect(listed.uri.text.hasSuffix("/with%20space%20%26%20%3B%C3%BC.pem"))
        let found = try folder.session.key(at: listed.uri)
        #expect(found.info == listed)
    }

    @Test func keysThatMayNotBeUsedAreReportedAndLeftOut() throws {
        let folder = try Folder()
        try folder.folder.write("good.pem", Folder.plainKey)
        try folder.folder.write("open.pem", Folder.plainKey, mode: 0o644)
        try folder.folder.write("short", Array(Folder.plainKey.dropLast(20) + Array("PRIVATE KEY-----".utf8)))
        try folder.folder.write("huge.pem", [UInt8](repeating: 0, count: (1 << 20) + 1))
        #expect(try folder.keys().map(\.label) == ["good.pem"])
        #expect(folder.host.warnings.count == 3)
        for name in ["open.pem", "short", "huge.pem"] {
            #expect(folder.host.warnings.contains { $0.contains("/\(name)") }, "\(name)")
        }
    }

    @Test func aKeyOfATypeThatWeDoNotUseIsListedWithoutType() throws {
        let folder = try Folder()
        try folder.folder.write("a.pem", Folder.made(["genpkey", "-algorithm", "X448"]))
        #expect(try folder.keys().map(\.type) == [nil])
        #expect(folder.host.warnings.isEmpty)
    }

    @Test func anX25519KeyIsListedAsOneThatDoesNothingHere() throws {
        let folder = try Folder()
        let pem = Folder.made(["genpkey", "-algorithm", "X25519"])
        try folder.folder.write("a.pem", pem)
        let listed = try folder.keys()
        #expect(listed.map(\.type) == [.x25519])
        #expect(listed.allSatisfy { $0.algorithms.isEmpty && !$0.canAgree })
        #expect(try listed.first?.publicKey?.der == OpenSSLCommand.publicKey(ofPEM: pem))
        let key = try folder.session.key(at: folder.uri("a.pem"))
        let error = Folder.error { _ = try key.sign([1], .ed25519) }
        #expect(error?.code == .unsupportedMechanism)
    }

    @Test func aFilesURIListsThatFile() throws {
        let folder = try Folder()
        try folder.folder.write("a.pem", Folder.plainKey)
        try folder.folder.write("b.pem", Folder.plainKey)
        try folder.folder.write("open.pem", Folder.plainKey, mode: 0o640)
        #expect(try folder.keys(matching: folder.uri("b.pem")).map(\.label) == ["b.pem"])
        #expect(try folder.keys(matching: folder.uri("absent.pem")).isEmpty)
        #expect(folder.host.warnings.isEmpty)
        #expect(try folder.keys(matching: folder.uri("open.pem")).isEmpty)
        #expect(folder.host.warnings.count == 1)
    }

    @Test func aListingEndsWhenItsReaderHasEnough() throws {
        let folder = try Folder()
        for name in ["a.pem", "b.pem", "c.pem"] { try folder.folder.write(name, Folder.plainKey) }
        var seen = 0
        try folder.session.forEachKey(matching: nil) { _ in
            seen += 1
            return seen < 2
        }
        #expect(seen == 2)
    }

    @Test func aFolderWithOneKeyMeansThatKeyAndWithTwoNone() throws {
        let folder = try Folder()
        #expect(Folder.error { _ = try folder.session.key(at: folder.folderURI) }?.code == .noSuchKey)
        try folder.folder.write("a.pem", Folder.plainKey, mode: 0o644)
        #expect(Folder.error { _ = try folder.session.key(at: folder.folderURI) }?.code == .policyRefused)
        try folder.folder.write("a.pem", Folder.plainKey)
        #expect(try folder.session.key(at: folder.folderURI).info.label == "a.pem")
        try folder.folder.write("b.pem", Folder.encryptedKey)
        let error = Folder.error { _ = try folder.session.key(at: folder.folderURI) }
        #expect(error?.code == .ambiguousKey)
        for name in ["a.pem", "b.pem"] { #expect(try error?.message.contains(folder.uri(name).text) == true) }
    }

    @Test func aFolderThatIsNotThereCannotBeListed() throws {
        let folder = try Folder()
        let session = try Folder.session(on: folder.uri("absent/key.pem"), folder.host)
        let error = Folder.error { try session.forEachKey(matching: nil) { _ in true } }
        #expect(error?.code == .noSuchKey)
        #expect(error?.native?.name == "ENOENT")
    }

    @Test func aCertificateThatCannotBeUsedIsReportedAndTheKeyIsAsked() throws {
        let folder = try Folder([.passphrase: Folder.passphrase])
        try folder.folder.write("a.pem", Folder.encryptedKey)
        try folder.folder.write("a.pem.crt", Array("nothing".utf8))
        #expect(try folder.keys().map(\.type) == [nil])
        #expect(folder.host.warnings.count == 1)
        let publicKey = try folder.session.publicKey(at: folder.uri("a.pem"))
        #expect(try publicKey.der == OpenSSLCommand.publicKey(ofPEM: Folder.plainKey))
        #expect(folder.host.requests.count == 1)
        try folder.folder.write("a.pem.crt", Folder.certificate(of: Folder.plainKey), mode: 0o666)
        let again = try Folder.session(on: folder.folderURI, folder.host)
        _ = try again.publicKey(at: folder.uri("a.pem"))
        #expect(folder.host.requests.count == 2)
    }
}
