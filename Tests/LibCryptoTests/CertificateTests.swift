import TemporaryFiles
import CLibCrypto
import KeyStoreCore
import LibCrypto
import OpenSSL
import Testing

@Suite struct CertificateTests {
    private let folder = TemporaryFolder()
    private let issuer: [UInt8]
    private let leaf: [UInt8]

    /// A leaf for `Fixture.p256`, issued by a CA with another key and name.
    init() throws {
        let keyPath = try folder.write("key.pem", Fixture.p256)
        issuer = try OpenSSLCommand.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", folder.path("ca.key"), "-subj", "/O=Test/CN=Test CA",
        ])
        let issuerPath = try folder.write("ca.pem", issuer)
        let request = try OpenSSLCommand.run(["req", "-new", "-key", keyPath, "-subj", "/CN=leaf"])
        leaf = try OpenSSLCommand.run(
            ["x509", "-req", "-CA", issuerPath, "-CAkey", folder.path("ca.key"), "-set_serial", "0xC0FFEE"],
            input: request)
    }

    private func read(_ pem: [UInt8]) throws -> [Certificate] {
        try pem.withUnsafeBytes { try Certificate.certificates(pem: $0) }
    }

    @Test func thePartsAreTheOnesInTheCertificate() throws {
        let certificates = try read(leaf + issuer)
        #expect(certificates.count == 2)
        #expect(try certificates[0].publicKey.der == OpenSSLCommand.publicKey(ofPEM: Fixture.p256))
        #expect(certificates[0].serialNumberDER == [2, 4, 0, 0xC0, 0xFF, 0xEE])
        #expect(certificates[0].issuerDER == certificates[1].subjectDER)
        #expect(certificates[1].issuerDER == certificates[1].subjectDER)
        let name = Array("leaf".utf8)
        #expect(certificates[0].subjectDER == [0x30, 0x0F, 0x31, 0x0D, 0x30, 0x0B, 6, 3, 0x55, 4, 3, 0x0C, 4] + name)
    }

    @Test func certificatesSurviveTheWayThroughPEM() throws {
        let certificates = try read(leaf + issuer)
        let pem = try Certificate.pem(certificates)
        #expect(pem == leaf + issuer)
        #expect(try read(pem) == certificates)
        #expect(try Certificate.pem([]) == [])
    }

    @Test func otherBlocksAreSkippedAndNoneIsAnEmptyList() throws {
        #expect(try read(Fixture.p256 + leaf).count == 1)
        #expect(try read(Fixture.p256).isEmpty)
        #expect(try read([]).isEmpty)
    }

    @Test func whatIsNoCertificateIsInvalidData() throws {
        let der = try read(leaf)[0].der
        for bytes in [[], [0x30, 0], Array(der.dropLast()), der + [0], [UInt8](repeating: 0x30, count: 65537)] {
            #expect(throws: KeyStoreError(.invalidData, "")) { try Certificate(der: bytes) }
        }
        #expect(throws: KeyStoreError(.invalidData, "")) { try read(Array(leaf.dropLast(40))) }
        #expect(ERR_peek_error() == 0)
    }

    @Test func moreCertificatesThanTheLimitAreInvalidData() throws {
        let many = Array(repeating: leaf, count: 65)
        #expect(throws: KeyStoreError(.invalidData, "")) { try read(Array(many.joined())) }
        #expect(try read(Array(many.dropLast().joined())).count == 64)
    }

    @Test func aCertificateWithAKeyThatWeDoNotUseIsReadAndItsKeyRefused() throws {
        let ed448 = try OpenSSLCommand.run([
            "req", "-x509", "-newkey", "ed448", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=other",
        ])
        let certificate = try read(ed448)[0]
        #expect(throws: KeyStoreError(.unsupportedMechanism, "")) { try certificate.publicKey }
    }
}
