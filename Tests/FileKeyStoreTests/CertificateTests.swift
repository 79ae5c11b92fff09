import TemporaryFiles
import FileKeyStore
import KeyStoreCore
import KeyStorePlugin
import Testing

@Suite struct CertificateTests {
    private let folder: Folder
    private let session: any CertificateBackendSession

    init() throws {
        folder = try Folder([.passphrase: Folder.passphrase, .newPassphrase: ""])
        session = try #require(folder.session as? any CertificateBackendSession)
        try folder.folder.write("a.pem", Folder.plainKey)
    }

    @Test func storedCertificatesStandBesideTheKeyAndComeBackInOrder() throws {
        let chain = [
            Folder.certificate(of: Folder.plainKey), Folder.certificate(of: Folder.otherKey, name: "issuer"),
        ]
        try session.store(chain.map(Folder.der), at: folder.uri("a.pem"))
        #expect(try session.certificates(at: folder.uri("a.pem")) == chain.map(Folder.der))
        #expect(try folder.folder.read("a.pem.crt") == Array(chain.joined()))
        #expect(try folder.folder.mode("a.pem.crt") == 0o644)
        #expect(try folder.keys().map(\.hasCertificate) == [true])
        #expect(try folder.folder.names() == ["a.pem", "a.pem.crt"])
    }

    @Test func newCertificatesReplaceTheOldOnes() throws {
        let old = Folder.certificate(of: Folder.plainKey, name: "old")
        let new = Folder.certificate(of: Folder.plainKey, name: "new")
        try session.store([Folder.der(old), Folder.der(old)], at: folder.uri("a.pem"))
        try session.store([Folder.der(new)], at: folder.uri("a.pem"))
        #expect(try folder.folder.read("a.pem.crt") == new)
        try session.removeCertificates(at: folder.uri("a.pem"))
        #expect(try folder.folder.names() == ["a.pem"])
    }

    @Test func aCertificateForAnotherKeyIsRefusedAndTheOldOneKept() throws {
        let own = Folder.certificate(of: Folder.plainKey)
        let foreign = Folder.certificate(of: Folder.otherKey)
        try session.store([Folder.der(own)], at: folder.uri("a.pem"))
        let error = Folder.error {
            try session.store([Folder.der(foreign), Folder.der(own)], at: folder.uri("a.pem"))
        }
        #expect(error?.code == .invalidData)
        #expect(try folder.folder.read("a.pem.crt") == own)
    }

    @Test func anEncryptedKeyIsAskedWhetherTheCertificateIsItsOwn() throws {
        try folder.folder.write("b.pem", Folder.encryptedKey)
        // What stands there is for another key, and must not decide.
        try folder.folder.write("b.pem.crt", Folder.certificate(of: Folder.otherKey))
        let foreign = Folder.der(Folder.certificate(of: Folder.otherKey))
        #expect(Folder.error { try session.store([foreign], at: folder.uri("b.pem")) }?.code == .invalidData)
        try session.store([Folder.der(Folder.certificate(of: Folder.plainKey))], at: folder.uri("b.pem"))
        #expect(folder.host.requests.map(\.kind) == [.passphrase])
    }

    @Test func whatIsNoCertificateIsNotStored() throws {
        let own = Folder.der(Folder.certificate(of: Folder.plainKey))
        let wrong: [[[UInt8]]] = [
            [], [[]], [Array(own.dropLast())], [own, [1, 2, 3]], Array(repeating: own, count: 65),
        ]
        for certificates in wrong {
            #expect(Folder.error { try session.store(certificates, at: folder.uri("a.pem")) }?.code == .invalidData)
        }
        #expect(try folder.folder.names() == ["a.pem"])
    }

    @Test func noCertificateIsAnErrorOfItsOwn() throws {
        let read = Folder.error { _ = try session.certificates(at: folder.uri("a.pem")) }
        let removed = Folder.error { try session.removeCertificates(at: folder.uri("a.pem")) }
        #expect(read?.code == .noSuchCertificate && removed?.code == .noSuchCertificate)
    }

    @Test func noKeyIsNotTheSameAsNoCertificate() throws {
        let certificate = Folder.certificate(of: Folder.plainKey)
        try folder.folder.write("b.pem.crt", certificate)
        let errors = [
            Folder.error { _ = try session.certificates(at: folder.uri("b.pem")) },
            Folder.error { try session.store([Folder.der(certificate)], at: folder.uri("b.pem")) },
            Folder.error { try session.removeCertificates(at: folder.uri("b.pem")) },
        ]
        #expect(errors.map { $0?.code } == [.noSuchKey, .noSuchKey, .noSuchKey])
    }

    @Test func aFileWithoutCertificatesIsInvalidDataAndOneThatOthersMayWriteIsRefused() throws {
        try folder.folder.write("a.pem.crt", Folder.plainKey)
        #expect(Folder.error { _ = try session.certificates(at: folder.uri("a.pem")) }?.code == .invalidData)
        try folder.folder.write("a.pem.crt", Folder.certificate(of: Folder.plainKey), mode: 0o664)
        let error = Folder.error { _ = try session.certificates(at: folder.uri("a.pem")) }
        #expect(error?.code == .policyRefused)
        #expect(error?.message.contains("chmod go-w") == true)
    }
}
