import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Choosing the key, and not making a second one.
struct SelectionTests {
    @Test func noMatchingKeyIsNoSuchKey() throws {
        let open = try OpenToken()
        for attributes in ["object=nobody", "id=%99", "id=%99;object=nobody", ""] {
            let uri = try open.uri(attributes)
            #expect(try failure { try open.session.key(at: uri) }.code == .noSuchKey)
            #expect(try failure { try open.session.publicKey(at: uri) }.code == .noSuchKey)
            #expect(try failure { try open.session.deleteKey(at: uri) }.code == .noSuchKey)
        }
    }

    @Test func twoMatchingKeysAreAnErrorThatListsThem() throws {
        let open = try OpenToken()
        let one = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        let other = try open.session.generateKey(.rsa(bits: 2048), at: try open.uri("object=b;id=%02"))
        for operation in [
            { () throws in _ = try open.session.key(at: try KeyStoreURI(open.token.uri)) },
            { () throws in _ = try open.session.publicKey(at: try KeyStoreURI(open.token.uri)) },
            { () throws in try open.session.deleteKey(at: try KeyStoreURI(open.token.uri)) },
            { () throws in _ = try open.session.certificates(at: try KeyStoreURI(open.token.uri)) },
        ] {
            let error = try failure(operation)
            #expect(error.code == .ambiguousKey)
            #expect(error.message.contains(one.info.uri.text) && error.message.contains(other.info.uri.text))
        }
        #expect(try open.session.key(at: try open.uri("object=b")).info.uri == other.info.uri)
    }

    @Test func keysThatAreTwinsOnTheTokenAreBothListed() throws {
        let open = try OpenToken()
        // Other programs do make second keys of one name.
        for _ in 0..<2 {
            try Tool.pkcs11Tool(
                open.token, ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "07", "--label", "twin"])
        }
        let error = try failure { try open.session.key(at: try open.uri("object=twin")) }
        #expect(error.code == .ambiguousKey)
        #expect(error.message.contains("2 keys"))
        var count = 0
        try open.session.forEachKey(matching: try open.uri("id=%07")) { info in
            if info.hasPrivateKey { count += 1 }
            return true
        }
        #expect(count == 2)
    }

    @Test func aLabelOrIDThatIsTakenIsNotTakenAgain() throws {
        let open = try OpenToken()
        _ = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        for (attributes, what) in [
            ("object=a", "label"), ("object=a;id=%02", "label"), ("object=b;id=%01", "id"), ("id=%01", "id"),
        ] {
            let uri = try open.uri(attributes)
            let error = try failure { try open.session.generateKey(.ecP256, at: uri) }
            #expect(error.code == .keyExists)
            #expect(error.message.contains("the \(what) is taken"), "\(error.message)")
            let pem = try Tool.file()
            try Tool.succeed(["openssl", "genpkey", "-algorithm", "ED25519", "-out", pem])
            let text = try Tool.bytes(of: pem)
            let imported = try failure {
                try text.withRawBytes { bytes in try open.session.importKey(pem: bytes, at: uri) }
            }
            #expect(imported.code == .keyExists)
        }
    }

    @Test func anIDTakenByACertificateAloneIsTaken() throws {
        let open = try OpenToken()
        let certificate = try TestCertificates.selfSigned()
        try Tool.pkcs11Tool(
            open.token, ["--write-object", try Tool.file(certificate), "--type", "cert", "--id", "05", "--label", "c"])
        let error = try failure {
            try open.session.generateKey(.ecP256, at: try open.uri("id=%05"))
        }
        #expect(error.code == .keyExists)
        #expect(error.message.contains("certificate"))
    }

    @Test func aReferenceToSomethingElseThanAPrivateKeyNamesNone() throws {
        let open = try OpenToken()
        for type in ["public", "cert", "secret-key", "data"] {
            let uri = try open.uri("object=a;type=\(type)")
            #expect(try failure { try open.session.key(at: uri) }.code == .invalidURI)
            #expect(
                try failure { try open.session.generateKey(.ecP256, at: uri) }.code == .invalidURI)
        }
    }

    @Test func aReferenceToAnotherTypeOfObjectIsRefusedByWhatDoesNotTakeIt() throws {
        let open = try OpenToken()
        for (type, operation) in [
            ("cert", { try open.session.deleteKey(at: $0) }), ("public", { try open.session.deleteKey(at: $0) }),
            ("data", { _ = try open.session.publicKey(at: $0) }),
            ("secret-key", { _ = try open.session.certificates(at: $0) }),
            ("data", { try open.session.forEachKey(matching: $0) { _ in true } }),
        ] as [(String, (KeyStoreURI) throws -> Void)] {
            let uri = try open.uri("object=a;type=\(type)")
            #expect(try failure { try operation(uri) }.code == .invalidURI, "\(type)")
        }
    }

    @Test func aSessionForReadingWritesNothing() throws {
        let open = try OpenToken(SessionOptions())
        let uri = try open.uri("object=a")
        for operation in [
            { () throws in _ = try open.session.generateKey(.ecP256, at: uri) },
            { () throws in try open.session.deleteKey(at: uri) },
            { () throws in try open.session.store([[0]], at: uri) },
            { () throws in try open.session.removeCertificates(at: uri) },
        ] {
            #expect(try failure(operation).code == .policyRefused)
        }
        #expect(open.host.requests.isEmpty)
    }

    @Test func aDeletedKeyIsGoneWithItsPublicPartAndCertificate() throws {
        let open = try OpenToken()
        let made = try open.session.generateKey(.rsa(bits: 2048), at: try open.uri("object=gone"))
        let kept = try open.session.generateKey(.ecP256, at: try open.uri("object=kept"))
        try open.session.store([try TestCertificates.issued(for: try made.publicKey())], at: made.info.uri)
        try open.session.deleteKey(at: made.info.uri)
        #expect(try failure { try open.session.key(at: made.info.uri) }.code == .noSuchKey)
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 2)
        #expect(try open.session.key(at: kept.info.uri).publicKey() == kept.publicKey())
    }

    @Test func whatIsLeftOfAnInterruptedDeletionCanBeDeleted() throws {
        let open = try OpenToken()
        let made = try open.session.generateKey(.ecP256, at: try open.uri("object=half"))
        let record = try #require(
            try open.session.using { try open.session.records(3, id: made.info.id, label: nil) }.first)
        try open.session.using { try open.session.destroy(record.handle, "test") }
        // A reference that names the token alone does not mean it.
        #expect(try failure { try open.session.deleteKey(at: try KeyStoreURI(open.token.uri)) }.code == .noSuchKey)
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 1)
        try open.session.deleteKey(at: made.info.uri)
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.isEmpty)
    }
}
