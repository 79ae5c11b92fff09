import KeyStoreCore
import KeyStorePlugin
import LibCrypto
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Certificates beside keys.
struct CertificateTests {
    @Test func aCertificateIsKeptBesideItsKey() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        let none = try failure { try open.session.certificates(at: key.info.uri) }
        #expect(none.code == .noSuchCertificate)
        let certificate = try TestCertificates.issued(for: try key.publicKey())
        try open.session.store([certificate], at: key.info.uri)
        #expect(try open.session.certificates(at: key.info.uri) == [certificate])
        var listed: [KeyInfo] = []
        try open.session.forEachKey(matching: nil) { info in
            listed.append(info)
            return true
        }
        #expect(listed.map(\.hasCertificate) == [true])
        let objects = try Tool.pkcs11Tool(open.token, ["--list-objects", "--type", "cert"])
        #expect(objects.contains("label:      a") && objects.contains("ID:         01") && objects.contains("CN=leaf"))
    }

    @Test func aNewCertificateTakesTheOldOnesPlace() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        let certificates = try (0..<2).map { _ in try TestCertificates.issued(for: try key.publicKey()) }
        for certificate in certificates { try open.session.store([certificate], at: key.info.uri) }
        #expect(try open.session.certificates(at: key.info.uri) == [certificates[1]])
        try open.session.store([certificates[1]], at: key.info.uri)
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 3)
    }

    @Test func aChainIsKeptAndItsIssuersAreSharedAndRemovedWithTheirLastUser() throws {
        let open = try OpenToken()
        let keys = try ["a", "b"].map { try open.session.generateKey(.ecP256, at: try open.uri("object=\($0)")) }
        let root = try TestCertificates.authority("/CN=root")
        let middle = try TestCertificates.authority("/CN=middle", by: root)
        for key in keys {
            let leaf = try TestCertificates.issued(for: try key.publicKey(), by: middle)
            try open.session.store([leaf, middle.certificate, root.certificate], at: key.info.uri)
            #expect(
                try open.session.certificates(at: key.info.uri) == [leaf, middle.certificate, root.certificate])
        }
        // Two key pairs, two leaves, one root and one intermediate.
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 8)
        try open.session.removeCertificates(at: keys[0].info.uri)
        #expect(try open.session.certificates(at: keys[1].info.uri).count == 3)
        try open.session.removeCertificates(at: keys[1].info.uri)
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 4)
        let error = try failure {
            try open.session.removeCertificates(at: keys[1].info.uri)
        }
        #expect(error.code == .noSuchCertificate)
    }

    @Test func whatIsNotThisKeysCertificateIsRefused() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        let stranger = try TestCertificates.selfSigned()
        let own = try TestCertificates.issued(for: try key.publicKey())
        for certificates in [
            [stranger], [[0x30, 0]], [[]], [], [stranger, own], [own, [1]], Array(repeating: own, count: 9),
        ] {
            let error = try failure {
                try open.session.store(certificates, at: key.info.uri)
            }
            #expect(error.code == .invalidData)
        }
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 2)
    }

    @Test func aCertificateGivesThePublicKeyThatTheTokenLacks() throws {
        let open = try OpenToken()
        let key = try open.session.generateKey(.ecP384, at: try open.uri("object=a;id=%01"))
        let publicKey = try key.publicKey()
        try open.session.store([try TestCertificates.issued(for: publicKey)], at: key.info.uri)
        let record = try #require(try open.session.using { try open.session.records(2, id: [1], label: nil) }.first)
        try open.session.using { try open.session.destroy(record.handle, "test") }
        #expect(try open.session.key(at: key.info.uri).publicKey() == publicKey)
        #expect(try open.session.publicKey(at: key.info.uri) == publicKey)
        #expect(try open.session.certificates(at: key.info.uri).count == 1)
        try open.session.removeCertificates(at: key.info.uri)
        let error = try failure { try open.session.key(at: key.info.uri).publicKey() }
        #expect(error.code == .noSuchKey)
        #expect(error.message.contains("no public key"))
    }
}
