import KeyStoreCore
import KeyStorePlugin
import LibCrypto
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Chains where one issuer has several certificates.
struct ChainTests {
    private typealias Authority = (key: String, certificate: [UInt8])

    /// A certificate for an authority's key and name by another authority.
    private func crossSigned(_ authority: Authority, _ name: String, by issuer: Authority) throws -> [UInt8] {
        let key = try Certificate(der: authority.certificate).publicKey
        return try TestCertificates.issued(for: key, by: issuer, name: name)
    }

    @Test func ofTwoIssuersWithOneNameTheOneThatSignedIsTaken() throws {
        let open = try OpenToken()
        let (old, new) = (try TestCertificates.authority("/CN=one"), try TestCertificates.authority("/CN=one"))
        let keys = try ["a", "b"].map { try open.session.generateKey(.ecP256, at: try open.uri("object=\($0)")) }
        for (key, issuer) in zip(keys, [old, new]) {
            let leaf = try TestCertificates.issued(for: try key.publicKey(), by: issuer)
            try open.session.store([leaf, issuer.certificate], at: key.info.uri)
        }
        for (key, issuer) in zip(keys, [old, new]) {
            #expect(try open.session.certificates(at: key.info.uri).last == issuer.certificate)
        }
    }

    @Test func aCrossSignedIssuerLeadsToTheRootThatIsThere() throws {
        let open = try OpenToken()
        let (root, elsewhere) = (
            try TestCertificates.authority("/CN=root"), try TestCertificates.authority("/CN=other")
        )
        let middle = try TestCertificates.authority("/CN=middle", by: root)
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        let leaf = try TestCertificates.issued(for: try key.publicKey(), by: middle)
        // The one whose root is not on the token first, so that it is found first.
        let dead = try crossSigned(middle, "/CN=middle", by: elsewhere)
        try open.session.store([leaf, dead, middle.certificate, root.certificate], at: key.info.uri)
        #expect(
            try open.session.certificates(at: key.info.uri) == [leaf, middle.certificate, root.certificate])
        try open.session.removeCertificates(at: key.info.uri)
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 2)
    }

    @Test func issuersInARingEnd() throws {
        let open = try OpenToken()
        let (left, right) = (try TestCertificates.authority("/CN=left"), try TestCertificates.authority("/CN=right"))
        let leftByRight = try crossSigned(left, "/CN=left", by: right)
        let rightByLeft = try crossSigned(right, "/CN=right", by: left)
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        let leaf = try TestCertificates.issued(for: try key.publicKey(), by: left)
        try open.session.store([leaf, leftByRight, rightByLeft], at: key.info.uri)
        #expect(try open.session.certificates(at: key.info.uri) == [leaf, leftByRight, rightByLeft])
    }

    @Test func aStrangersCertificateWithTheIssuersNameEndsTheChain() throws {
        let open = try OpenToken()
        let (issuer, stranger) = (
            try TestCertificates.authority("/CN=one"), try TestCertificates.authority("/CN=one")
        )
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a"))
        let leaf = try TestCertificates.issued(for: try key.publicKey(), by: issuer)
        try open.session.store([leaf, stranger.certificate], at: key.info.uri)
        #expect(try open.session.certificates(at: key.info.uri) == [leaf])
    }

    @Test func aLongChainIsCutAtItsBound() throws {
        let open = try OpenToken()
        var authorities = [try TestCertificates.authority("/CN=0")]
        for number in 1...8 {
            authorities.append(try TestCertificates.authority("/CN=\(number)", by: authorities[number - 1]))
        }
        let key = try open.session.generateKey(.ecP256, at: try open.uri("object=a;id=%01"))
        let leaf = try TestCertificates.issued(for: try key.publicKey(), by: authorities[8])
        try open.session.store([leaf] + authorities[2...8].reversed().map(\.certificate), at: key.info.uri)
        for authority in authorities[0...1] {
            try Tool.pkcs11Tool(
                open.token, ["--write-object", try Tool.file(authority.certificate), "--type", "cert", "--id", "0f"])
        }
        #expect(try open.session.certificates(at: key.info.uri).count == 8)
    }
}
