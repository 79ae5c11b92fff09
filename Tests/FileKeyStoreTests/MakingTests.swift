import TemporaryFiles
import FileKeyStore
import Foundation
import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import Testing

@Suite struct MakingTests {
    private static let message = Array("message".utf8)

    @Test(arguments: KeyType.signing)
    func aGeneratedKeySignsAndIsReadByOpenSSL(_ type: KeyType) throws {
        let folder = try Folder([.newPassphrase: "new secret"])
        let key = try folder.session.generateKey(type, at: folder.uri("key.pem"))
        #expect(key.info.type == type && key.info.protection == .passphrase)
        let text = try folder.folder.read("key.pem")
        #expect(text.starts(with: Array("-----BEGIN ENCRYPTED PRIVATE KEY-----".utf8)))
        let publicKey = try OpenSSLCommand.publicKey(ofPEM: text, passphrase: "new secret")
        #expect(try key.publicKey().der == publicKey)
        let algorithm = type.algorithms[0]
        let isVerified = try OpenSSLCommand.verifies(
            key.sign(Self.message, algorithm), of: Self.message, publicKey: publicKey,
            hash: algorithm.hash?.rawValue.replacingOccurrences(of: "-", with: "").lowercased(),
            isPSS: algorithm.isRSAPSS)
        #expect(isVerified)
        #expect(try folder.folder.mode("key.pem") == 0o600)
        #expect(try folder.folder.names() == ["key.pem"])
        #expect(folder.host.requests.map(\.kind) == [.newPassphrase])
        // The session knows the key that it made.
        _ = try folder.session.key(at: folder.uri("key.pem"))
        #expect(folder.host.requests.count == 1)
    }

    @Test func keysThatOnlyDeriveAreNotMadeAndNobodyIsAsked() throws {
        let folder = try Folder([.newPassphrase: ""])
        for purpose in [KeyPurpose.sign, .agree] {
            let error = Folder.error {
                _ = try folder.session.generateKey(.x25519, purpose: purpose, at: folder.uri("key.pem"))
            }
            #expect(error?.code == .unsupportedMechanism)
        }
        #expect(folder.host.requests.isEmpty)
        #expect(try folder.folder.names().isEmpty)
    }

    @Test func anEmptyPassphraseMeansAnUnprotectedFile() throws {
        let folder = try Folder([.newPassphrase: ""])
        let key = try folder.session.generateKey(.ecP256, at: folder.uri("key.pem"))
        #expect(key.info.protection == [])
        #expect(try folder.folder.read("key.pem").starts(with: Array("-----BEGIN PRIVATE KEY-----".utf8)))
        #expect(try folder.folder.mode("key.pem") == 0o600)
    }

    @Test func whoGivesNoAnswerGetsNoKey() throws {
        let folder = try Folder([:])
        let error = Folder.error { _ = try folder.session.generateKey(.ecP256, at: folder.uri("key.pem")) }
        #expect(error?.code == .pinRequired)
        #expect(try folder.folder.names().isEmpty)
    }

    @Test func anExistingFileIsKeptByteForByteAndNobodyIsAsked() throws {
        let folder = try Folder([.newPassphrase: "x", .passphrase: "y"])
        try folder.folder.write("key.pem", Array("precious".utf8), mode: 0o644)
        let generated = Folder.error { _ = try folder.session.generateKey(.ecP256, at: folder.uri("key.pem")) }
        let imported = Folder.error { try folder.importKey(Folder.plainKey, to: "key.pem") }
        #expect(generated?.code == .keyExists && imported?.code == .keyExists)
        #expect(try folder.folder.read("key.pem") == Array("precious".utf8))
        #expect(try folder.folder.mode("key.pem") == 0o644)
        #expect(try folder.folder.names() == ["key.pem"])
        #expect(folder.host.requests.isEmpty)
    }

    @Test func aLinkToNowhereIsAnExistingFile() throws {
        let folder = try Folder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.folder.path("key.pem"), withDestinationPath: folder.folder.path("elsewhere"))
        let error = Folder.error { _ = try folder.session.generateKey(.ecP256, at: folder.uri("key.pem")) }
        #expect(error?.code == .keyExists)
        #expect(try folder.folder.names() == ["key.pem"])
    }

    @Test func certificatesLeftByAnotherKeyStandInTheWay() throws {
        let folder = try Folder()
        try folder.folder.write("key.pem.crt", Folder.certificate(of: Folder.otherKey))
        let error = Folder.error { _ = try folder.session.generateKey(.ecP256, at: folder.uri("key.pem")) }
        #expect(error?.code == .keyExists)
        #expect(error?.message.contains("key.pem.crt") == true)
        #expect(try folder.folder.names() == ["key.pem.crt"])
    }

    @Test func aMissingFolderIsAWriteFailureBeforeAnybodyIsAsked() throws {
        let folder = try Folder([.newPassphrase: "x"])
        let uri = try folder.uri("absent/key.pem")
        let session = try Folder.session(on: uri, folder.host)
        let error = Folder.error { _ = try session.generateKey(.ecP256, at: uri) }
        #expect(error?.code == .writeFailed)
        #expect(error?.native?.domain == "errno" && error?.native?.name == "ENOENT")
        #expect(folder.host.requests.isEmpty)
    }

    @Test func aFolderThatTakesNoFilesIsAWriteFailure() throws {
        // Nobody can make a file there, not even root.
        let host = ScriptedHost()
        let uri = try KeyStoreURI("file:///proc/ziti-keystore-test.pem")
        let session = try Folder.session(on: uri, host)
        let error = Folder.error { _ = try session.generateKey(.ecP256, at: uri) }
        #expect(error?.code == .writeFailed)
        #expect(error?.native?.name.isEmpty == false)
    }

    @Test func aNewKeyNeedsTheNameOfAFileInTheSessionsFolder() throws {
        let (folder, other) = (try Folder(), try Folder())
        for uri in [try folder.folderURI, try other.uri("key.pem"), try folder.uri("key.crt")] {
            #expect(Folder.error { _ = try folder.session.generateKey(.ecP256, at: uri) }?.code == .invalidURI)
        }
        try FileManager.default.createDirectory(atPath: folder.folder.path("sub"), withIntermediateDirectories: false)
        let error = Folder.error { _ = try folder.session.generateKey(.ecP256, at: folder.uri("sub")) }
        #expect(error?.code == .keyExists)
        #expect(try other.folder.names().isEmpty)
    }

    @Test(arguments: [1024, 2049, 8192])
    func anUnusualRSASizeIsNotMade(_ bits: Int) throws {
        let folder = try Folder()
        let error = Folder.error { _ = try folder.session.generateKey(.rsa(bits: bits), at: folder.uri("key.pem")) }
        #expect(error?.code == .unsupportedMechanism)
        #expect(try folder.folder.names().isEmpty)
    }

    @Test func aSessionForReadingChangesNothing() throws {
        let folder = try Folder([.newPassphrase: ""], SessionOptions())
        try folder.folder.write("a.pem", Folder.plainKey)
        let certificate = Folder.der(Folder.certificate(of: Folder.plainKey))
        let session = try #require(folder.session as? any CertificateBackendSession & KeyDeletingBackendSession)
        let errors = [
            Folder.error { _ = try session.generateKey(.ecP256, at: folder.uri("b.pem")) },
            Folder.error { try folder.importKey(Folder.plainKey, to: "b.pem") },
            Folder.error { try session.deleteKey(at: folder.uri("a.pem")) },
            Folder.error { try session.store([certificate], at: folder.uri("a.pem")) },
            Folder.error { try session.removeCertificates(at: folder.uri("a.pem")) },
        ]
        #expect(errors.map { $0?.code } == Array(repeating: .policyRefused, count: 5))
        #expect(try folder.folder.names() == ["a.pem"])
    }

    @Test func anImportedKeyIsEncryptedAnewAndIsTheSameKey() throws {
        let folder = try Folder([.passphrase: Folder.passphrase, .newPassphrase: "new secret"])
        let key = try folder.importKey(Folder.encryptedKey, to: "key.pem")
        #expect(folder.host.requests.map(\.kind) == [.passphrase, .newPassphrase])
        #expect(key.info.protection == .passphrase)
        let stored = try folder.folder.read("key.pem")
        let publicKey = try OpenSSLCommand.publicKey(ofPEM: Folder.plainKey)
        #expect(try OpenSSLCommand.publicKey(ofPEM: stored, passphrase: "new secret") == publicKey)
        #expect(try key.publicKey().der == publicKey)
        #expect(try folder.folder.mode("key.pem") == 0o600)
    }

    @Test func importingTheTraditionalFormWritesPKCS8() throws {
        let folder = try Folder([.newPassphrase: ""])
        try folder.importKey(Folder.made(["ecparam", "-name", "secp384r1", "-genkey"]), to: "key.pem")
        #expect(try folder.folder.read("key.pem").starts(with: Array("-----BEGIN PRIVATE KEY-----".utf8)))
        #expect(folder.host.requests.map(\.kind) == [.newPassphrase])
    }

    @Test func whatIsNoUsableKeyIsNotImported() throws {
        let folder = try Folder([.passphrase: "wrong", .newPassphrase: ""])
        let codes = [
            Folder.encryptedKey, Array("nothing".utf8), Folder.made(["genpkey", "-algorithm", "X448"]),
            Folder.made(["genpkey", "-algorithm", "X25519"]),
        ].map { pem in Folder.error { try folder.importKey(pem, to: "key.pem") }?.code }
        #expect(codes == [.pinIncorrect, .invalidData, .unsupportedMechanism, .unsupportedMechanism])
        #expect(folder.host.requests.map(\.kind) == [.passphrase])
        #expect(try folder.folder.names().isEmpty)
    }

    @Test func aKeyWithAnotherKeysPublicPartIsNotImported() throws {
        // The public point stands in the last 65 bytes of a SEC1 key.
        let (ours, other) = (
            Folder.made(["ec", "-outform", "DER"], Folder.plainKey),
            Folder.made(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER"])
        )
        let base64 = Data(ours.dropLast(65) + other.suffix(65)).base64EncodedString(options: .lineLength64Characters)
        let pem = Array("-----BEGIN EC PRIVATE KEY-----\n\(base64)\n-----END EC PRIVATE KEY-----\n".utf8)
        let folder = try Folder()
        #expect(Folder.error { try folder.importKey(pem, to: "key.pem") }?.code == .invalidData)
        #expect(try folder.folder.names().isEmpty)
    }

    @Test func deletingRemovesTheKeyAndItsCertificates() throws {
        let folder = try Folder()
        let session = try #require(folder.session as? any KeyDeletingBackendSession)
        try folder.folder.write("a.pem", Folder.plainKey)
        try folder.folder.write("a.pem.crt", Folder.certificate(of: Folder.plainKey))
        try folder.folder.write("b.pem", Folder.plainKey)
        _ = try session.key(at: folder.uri("a.pem"))
        try session.deleteKey(at: folder.uri("a.pem"))
        #expect(try folder.folder.names() == ["b.pem"])
        #expect(folder.errorFindingKey("a.pem")?.code == .noSuchKey)
        #expect(Folder.error { try session.deleteKey(at: folder.uri("a.pem")) }?.code == .noSuchKey)
        #expect(folder.host.requests.isEmpty)
        _ = try session.generateKey(.ecP256, at: folder.uri("a.pem"))
    }

    @Test func whatIsNoKeyIsNotDeleted() throws {
        let folder = try Folder()
        let session = try #require(folder.session as? any KeyDeletingBackendSession)
        try folder.folder.write("letter", Array("dear".utf8))
        #expect(Folder.error { try session.deleteKey(at: folder.uri("letter")) }?.code == .invalidData)
        #expect(try folder.folder.names() == ["letter"])
    }

    @Test func aLinkIsNotDeletedBecauseTheKeyWouldStay() throws {
        let folder = try Folder()
        let session = try #require(folder.session as? any KeyDeletingBackendSession)
        let target = try folder.folder.write(".key", Folder.plainKey)
        try FileManager.default.createSymbolicLink(atPath: folder.folder.path("a.pem"), withDestinationPath: target)
        #expect(Folder.error { try session.deleteKey(at: folder.uri("a.pem")) }?.code == .policyRefused)
        #expect(try folder.folder.names() == [".key", "a.pem"])
    }

    @Test func theSDKReferenceOfAPlainKeyIsItsTextAndIsWarnedAbout() throws {
        let folder = try Folder([:])
        let session = try #require(folder.session as? any SDKReferencingBackendSession)
        let traditional = Folder.made(["ecparam", "-name", "prime256v1", "-genkey"])
        try folder.folder.write("a.pem", traditional)
        let reference = try session.sdkReference(at: folder.uri("a.pem")).bytes
        #expect(reference.starts(with: Array("-----BEGIN PRIVATE KEY-----\n".utf8)))
        #expect(try OpenSSLCommand.publicKey(ofPEM: reference) == OpenSSLCommand.publicKey(ofPEM: traditional))
        #expect(folder.host.warnings.count == 1)
        #expect(folder.host.warnings.first?.contains("copied") == true)
    }

    @Test func theSDKReferenceOfAnEncryptedKeyIsRefusedWithTheRemedy() throws {
        let folder = try Folder([.passphrase: Folder.passphrase])
        let session = try #require(folder.session as? any SDKReferencingBackendSession)
        try folder.folder.write("a.pem", Folder.encryptedKey)
        let error = Folder.error { _ = try session.sdkReference(at: folder.uri("a.pem")) }
        #expect(error?.code == .policyRefused)
        #expect(error?.message.contains("remedy") == true)
        #expect(folder.host.requests.isEmpty)
        #expect(folder.host.warnings.isEmpty)
    }
}

extension Folder {
    @discardableResult
    func importKey(_ pem: [UInt8], to name: String) throws -> any BackendKey {
        let session = try #require(session as? any KeyImportingBackendSession)
        return try pem.withUnsafeBytes { try session.importKey(pem: $0, at: uri(name)) }
    }
}
