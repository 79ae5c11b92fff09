import TemporaryFiles
import FileKeyStore
import Foundation
import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import Testing

@Suite struct ReadingTests {
    private static let message = Array("message".utf8)

    private func isVerified(_ signature: [UInt8], by key: [UInt8]) throws -> Bool {
        try OpenSSLCommand.verifies(
            signature, of: Self.message, publicKey: OpenSSLCommand.publicKey(ofPEM: key), hash: "sha256")
    }

    @Test func aPlainKeySignsAndNobodyIsAsked() throws {
        let folder = try Folder([:])
        try folder.folder.write("key.pem", Folder.plainKey)
        let key = try folder.session.key(at: folder.uri("key.pem"))
        #expect(try isVerified(key.sign(Self.message, .ecdsaP256SHA256), by: Folder.plainKey))
        let digest = Folder.made(["dgst", "-sha256", "-binary"], Self.message)
        #expect(try isVerified(key.sign(digest, .ecdsaP256SHA256, .digest), by: Folder.plainKey))
        #expect(key.info.type == .ecP256 && key.info.protection == [] && key.info.isExtractable)
        #expect(key.info.label == "key.pem" && key.info.hasPrivateKey && !key.info.hasCertificate)
        #expect(try key.info.uri == folder.uri("key.pem"))
        #expect(try key.info.publicKey == key.publicKey())
        #expect(folder.host.requests.isEmpty)
    }

    @Test func anEncryptedKeyIsAskedForOnceInASession() throws {
        let folder = try Folder([.passphrase: Folder.passphrase])
        let path = try folder.folder.write("key.pem", Folder.encryptedKey, mode: 0o400)
        for _ in 0..<3 {
            let key = try folder.session.key(at: folder.uri("key.pem"))
            #expect(try isVerified(key.sign(Self.message, .ecdsaP256SHA256), by: Folder.plainKey))
            #expect(key.info.protection == .passphrase)
            _ = try folder.session.publicKey(at: folder.uri("key.pem"))
        }
        #expect(folder.host.requests.map(\.kind) == [.passphrase])
        #expect(folder.host.requests.first?.subject == path)
        #expect(try folder.host.requests.first?.uri == folder.uri("key.pem").text)
    }

    @Test func aWrongPassphraseIsNotAskedForAgain() throws {
        let folder = try Folder([.passphrase: "open barley"])
        try folder.folder.write("key.pem", Folder.encryptedKey)
        let error = folder.errorFindingKey("key.pem")
        #expect(error?.code == .pinIncorrect)
        #expect(error?.triesLeft == nil)
        #expect(error?.subject == (try folder.uri("key.pem").text))
        #expect(error?.operation == "find key")
        #expect(folder.host.requests.count == 1)
    }

    @Test func withoutASourceAnEncryptedKeyNeedsAPIN() throws {
        let folder = try Folder([:])
        try folder.folder.write("key.pem", Folder.encryptedKey)
        #expect(folder.errorFindingKey("key.pem")?.code == .pinRequired)
    }

    @Test func aSessionThatNeverLogsInAsksNobody() throws {
        let folder = try Folder([.passphrase: Folder.passphrase], SessionOptions(login: .never))
        try folder.folder.write("key.pem", Folder.encryptedKey)
        #expect(folder.errorFindingKey("key.pem")?.code == .pinRequired)
        #expect(folder.host.requests.isEmpty)
    }

    @Test func aSessionThatLogsInAtOnceOpensTheKeyItsURINames() throws {
        let folder = try Folder()
        try folder.folder.write("key.pem", Folder.encryptedKey)
        let host = ScriptedHost([.passphrase: Folder.passphrase])
        let options = SessionOptions(isWritable: true, login: .atOnce)
        let session = try Folder.session(on: folder.uri("key.pem"), host, options)
        #expect(host.requests.count == 1)
        _ = try session.key(at: folder.uri("key.pem"))
        #expect(host.requests.count == 1)
        host.answers[.passphrase] = "wrong"
        #expect(throws: KeyStoreError(.pinIncorrect, "")) {
            try Folder.session(on: folder.uri("key.pem"), host, options)
        }
        _ = try Folder.session(on: folder.uri("new.pem"), host, options)
        _ = try Folder.session(on: folder.folderURI, host, options)
        #expect(host.requests.count == 2)
    }

    @Test func aKeyOfAClosedSessionSignsNoMore() throws {
        let folder = try Folder()
        try folder.folder.write("key.pem", Folder.plainKey)
        let key = try folder.session.key(at: folder.uri("key.pem"))
        folder.session.close()
        #expect(throws: KeyStoreError(.cancelled, "")) { try key.sign(Self.message, .ecdsaP256SHA256) }
    }

    @Test func aFileThatWasExchangedIsReadAgain() throws {
        let folder = try Folder()
        try folder.folder.write("key.pem", Folder.plainKey)
        #expect(try folder.session.key(at: folder.uri("key.pem")).info.type == .ecP256)
        try folder.folder.write("key.pem", Folder.otherKey)
        #expect(try folder.session.key(at: folder.uri("key.pem")).info.type == .ed25519)
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620, 0o601, 0o660, 0o777])
    func aModeThatLetsOthersAtTheKeyIsRefusedWithTheRemedy(_ mode: UInt32) throws {
        let folder = try Folder()
        let path = try folder.folder.write("key.pem", Folder.plainKey, mode: mode)
        let errors = [
            folder.errorFindingKey("key.pem"),
            Folder.error { _ = try folder.session.publicKey(at: folder.uri("key.pem")) },
        ]
        for error in errors {
            #expect(error?.code == .policyRefused)
            #expect(error?.message.contains("mode 0\(String(mode, radix: 8))") == true)
            #expect(error?.message.hasSuffix("chmod 600 \(path)") == true)
        }
        #expect(folder.host.requests.isEmpty)
    }

    @Test(arguments: [0o600, 0o400, 0o700])
    func aModeThatKeepsOthersOutIsAccepted(_ mode: UInt32) throws {
        let folder = try Folder()
        try folder.folder.write("key.pem", Folder.plainKey, mode: mode)
        #expect(folder.errorFindingKey("key.pem") == nil)
    }

    @Test func aSymbolicLinkIsFollowedAndItsTargetChecked() throws {
        let folder = try Folder()
        let target = try folder.folder.write(".data", Folder.plainKey, mode: 0o644)
        try FileManager.default.createSymbolicLink(
            atPath: folder.folder.path("key.pem"), withDestinationPath: target)
        #expect(folder.errorFindingKey("key.pem")?.code == .policyRefused)
        try folder.folder.write(".data", Folder.plainKey, mode: 0o600)
        #expect(folder.errorFindingKey("key.pem") == nil)
    }

    @Test func aFIFOIsRefusedAndNotWaitedFor() throws {
        let folder = try Folder()
        #expect(mkfifo(folder.folder.path("key.pem"), 0o600) == 0)
        let error = folder.errorFindingKey("key.pem")
        #expect(error?.code == .policyRefused)
        #expect(error?.message.contains("not a regular file") == true)
    }

    @Test func aSocketIsRefused() throws {
        let folder = try Folder()
        #expect(mknod(folder.folder.path("key.pem"), S_IFSOCK | 0o600, 0) == 0)
        #expect(folder.errorFindingKey("key.pem")?.code == .policyRefused)
    }

    @Test func whatIsNotThereIsNoKeyAndAFolderIsNone() throws {
        let folder = try Folder()
        let error = folder.errorFindingKey("key.pem")
        #expect(error?.code == .noSuchKey)
        #expect(error?.native?.name == "ENOENT")
        try FileManager.default.createDirectory(atPath: folder.folder.path("sub"), withIntermediateDirectories: false)
        #expect(folder.errorFindingKey("sub")?.code == .noSuchKey)
        #expect(folder.errorFindingKey("sub/key.pem")?.code == .noSuchKey)
        let nowhere = try Folder.session(on: folder.uri("absent/key.pem"), folder.host)
        #expect(Folder.error { _ = try nowhere.key(at: folder.uri("absent/key.pem")) }?.code == .noSuchKey)
        #expect(Folder.error { _ = try nowhere.key(at: folder.uri("absent")) }?.code == .noSuchKey)
    }

    @Test func aLinkInACircleIsAFailureAndNotAMissingKey() throws {
        let folder = try Folder()
        let path = folder.folder.path("key.pem")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        let error = folder.errorFindingKey("key.pem")
        #expect(error?.code == .backendFailure)
        #expect(error?.native?.name == "ELOOP")
    }

    @Test func aDamagedFileIsInvalidDataAndNamed() throws {
        let folder = try Folder()
        let contents: [[UInt8]] = [
            [], Array("nothing".utf8), Array(Folder.plainKey.dropLast(50)), Array(Folder.encryptedKey.dropLast(50)),
            Folder.certificate(of: Folder.plainKey),
        ]
        for bytes in contents {
            let path = try folder.folder.write("key.pem", bytes)
            let error = folder.errorFindingKey("key.pem")
            #expect(error?.code == .invalidData)
            #expect(error?.message.contains(path) == true)
        }
        #expect(folder.host.requests.isEmpty)
    }

    @Test func aFileLongerThanAMebibyteIsInvalidData() throws {
        let folder = try Folder()
        let padding = [UInt8](repeating: UInt8(ascii: "\n"), count: 1 << 20)
        try folder.folder.write("key.pem", Folder.plainKey + padding)
        #expect(folder.errorFindingKey("key.pem")?.code == .invalidData)
    }

    @Test func aKeyTypeThatWeDoNotUseIsUnsupported() throws {
        let folder = try Folder()
        try folder.folder.write("key.pem", Folder.made(["genpkey", "-algorithm", "X448"]))
        #expect(folder.errorFindingKey("key.pem")?.code == .unsupportedMechanism)
    }

    @Test func aKeyOutsideTheSessionsFolderIsNotInIt() throws {
        let (folder, other) = (try Folder(), try Folder())
        try other.folder.write("key.pem", Folder.plainKey)
        #expect(Folder.error { _ = try folder.session.key(at: other.uri("key.pem")) }?.code == .noSuchKey)
        #expect(try folder.keys(matching: other.folderURI).isEmpty)
    }

    @Test func controlCharactersOfANameReachNoMessage() throws {
        let folder = try Folder()
        let error = folder.errorFindingKey("a%1B%5B31m%0Ab.pem")
        #expect(error?.message.contains("a%1B%5B31m%0Ab.pem") == true)
        #expect(error?.message.utf8.contains(0x1B) == false)
    }
}
