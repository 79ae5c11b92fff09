import ChildProcess
import KeyStoreCore
import KeyStorePlugin
import LibCrypto
import TemporaryFiles
import Testing
import VirtualYubiKey

/// Certificates beside keys.
@Suite(.serialized)
struct CertificateTests {
    private func session(_ bench: Bench) throws -> any CertificateBackendSession {
        try #require(try bench.session() as? any CertificateBackendSession)
    }

    private let uri = try! KeyStoreURI("piv:slot=9a")

    @Test func aStoredCertificateIsOneThatOtherToolsRead() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let certificate = try bench.key.putCertificate(in: .authentication, commonName: "test")
        bench.key.setObject(Slot.authentication.certificateObject, nil)
        let session = try session(bench)
        try session.store([certificate], at: uri)
        #expect(bench.key.certificate(in: .authentication) == certificate)
        #expect(bench.key.object(0x5FC105)?.suffix(5) == [0x71, 1, 0, 0xFE, 0])
        session.close()
    }

    @Test func aCompressedCertificateIsUnpacked() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let certificate = try bench.key.putCertificate(in: .authentication, commonName: "test")
        let folder = TemporaryFolder()
        try folder.write("certificate", certificate)
        let outcome = try Program.system("gzip", ["--best", folder.path("certificate")]).runBlocking()
        try #require(outcome.status == 0)
        bench.key.setCertificate(try folder.read("certificate.gz"), in: .authentication, isCompressed: true)
        let session = try session(bench)
        #expect(try session.certificates(at: uri) == [certificate])
        session.close()
    }

    @Test func aCertificateOfAnotherKeyIsRefusedBeforeAManagementKeyIsAskedFor() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        try bench.key.generate(.p256, in: .keyManagement)
        let other = try bench.key.putCertificate(in: .keyManagement, commonName: "other")
        let session = try session(bench)
        try failure { try session.store([other], at: uri) }.expect(.invalidData)
        #expect(bench.host.requests.isEmpty && bench.key.certificate(in: .authentication) == nil)
        session.close()
    }

    @Test func issuersOfACertificateThatIsNotThereAnyMoreAreNotGivenOut() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let certificate = try bench.key.putCertificate(in: .authentication, commonName: "test")
        bench.key.setObject(0x5F5A9A, [0x70, 0x82, UInt8(certificate.count >> 8), UInt8(certificate.count & 0xFF)] + certificate)
        try bench.key.generate(.p256, in: .keyManagement)
        let other = try bench.key.putCertificate(in: .authentication, commonName: "another name")
        let session = try session(bench)
        #expect(try session.certificates(at: uri) == [other])
        session.close()
    }

    @Test func windowsRootsAreLeftAlone() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let certificate = try bench.key.putCertificate(in: .authentication, commonName: "test")
        bench.key.setObject(0x5FFF11, [0x82, 1, 7])
        let session = try session(bench)
        try session.store([certificate, certificate], at: uri)
        try session.removeCertificates(at: uri)
        #expect(bench.key.object(0x5FFF11) == [0x82, 1, 7])
        #expect(bench.key.object(0x5F5A9A) == nil && bench.key.object(0x5FC105) == nil)
        session.close()
    }

    @Test(arguments: [[0x70, 0x03, 0x30, 0x01, 0x00], [0x71, 1, 0], [0x70, 0x82, 0xFF, 0xFF, 1], [0x70, 1, 1, 0x71, 1, 1]] as [[UInt8]])
    func aMalformedCertificateObjectIsToldAsSuch(_ contents: [UInt8]) throws {
        let bench = try Bench(FirmwareVersion(5, 2, 4))
        bench.key.setObject(0x5FC105, contents)
        let session = try session(bench)
        try failure { try session.publicKey(at: uri) }.expect(.invalidReply)
        session.close()
    }

    @Test func aCertificateThatDoesNotFitIsRefused() throws {
        let bench = try Bench()
        try bench.key.generate(.p256, in: .authentication)
        let session = try session(bench)
        try failure { try session.store([[UInt8](repeating: 1, count: 4000)], at: uri) }.expect(.invalidData)
        session.close()
    }
}
