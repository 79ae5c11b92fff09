import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import SoftHSMTokens
import TemporaryFiles
import Testing

@testable import PKCS11KeyStore

/// Secrets shared with keys of `openssl`.
struct AgreementTests {
    private static let curves: [KeyType: String] = [.ecP256: "P-256", .ecP384: "P-384", .ecP521: "P-521"]

    private func makeKey(
        _ open: OpenToken, _ type: KeyType, _ purpose: KeyPurpose = .agree
    ) throws -> any AgreeingBackendKey {
        try #require(
            try open.session.generateKey(type, purpose: purpose, at: try open.uri("object=e"))
                as? any AgreeingBackendKey)
    }

    private func peer(_ type: KeyType) throws -> (pem: [UInt8], publicKey: PublicKey) {
        let curve = try #require(Self.curves[type])
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)"])
        return (pem, try PublicKey(der: try OpenSSLCommand.publicKey(ofPEM: pem)))
    }

    private func theirs(_ pem: [UInt8], with key: PublicKey) throws -> [UInt8] {
        let folder = TemporaryFolder()
        return try OpenSSLCommand.run([
            "pkeyutl", "-derive", "-inkey", try folder.write("mine", pem), "-peerform", "DER", "-peerkey",
            try folder.write("theirs", key.der),
        ])
    }

    @Test(arguments: [KeyType.ecP256, .ecP384, .ecP521])
    func bothSidesDeriveTheSameSecretOfTheCurvesLength(type: KeyType) throws {
        let open = try OpenToken()
        let key = try makeKey(open, type)
        for _ in 0..<8 {
            let (pem, peer) = try peer(type)
            let secret = try key.sharedSecret(with: peer).withBytes { Array($0) }
            #expect(secret == (try theirs(pem, with: try key.publicKey())))
            #expect(secret.count == (type == .ecP256 ? 32 : type == .ecP384 ? 48 : 66))
        }
        // The secrets themselves are not on the token any more.
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.count == 2)
    }

    @Test func aKeyForDerivingDoesNothingElse() throws {
        let open = try OpenToken()
        let key = try makeKey(open, .ecP256)
        #expect(key.info.algorithms.isEmpty && key.info.decryptionAlgorithms.isEmpty && key.info.canAgree)
        #expect(try open.session.key(at: key.info.uri).info.canAgree)
    }

    @Test func aKeyForSigningDerivesNothing() throws {
        let open = try OpenToken()
        let key = try makeKey(open, .ecP256, .sign)
        #expect(!key.info.canAgree)
        #expect(try failure { try key.sharedSecret(with: try peer(.ecP256).publicKey) }.code == .unsupportedMechanism)
    }

    @Test func aPeerThatIsNotOnTheCurveIsNotSentToTheToken() throws {
        let open = try OpenToken()
        let key = try makeKey(open, .ecP256)
        let good = try peer(.ecP256).publicKey.der
        var offCurve = good
        offCurve[good.count - 1] ^= 1
        let zero = good.dropLast(64) + [UInt8](repeating: 0, count: 64)
        let tooLarge = good.dropLast(64) + [UInt8](repeating: 0xFF, count: 64)
        for der in [offCurve, Array(zero), Array(tooLarge)] {
            let error = try failure { try key.sharedSecret(with: try PublicKey(der: der)) }
            #expect(error.code == .invalidData)
            #expect(error.native == nil)
        }
        #expect(try failure { try key.sharedSecret(with: try peer(.ecP384).publicKey) }.code == .invalidData)
        #expect(try !key.sharedSecret(with: try PublicKey(der: good)).isEmpty)
    }

    @Test(arguments: [KeyType.rsa(bits: 2048), .ed25519])
    func noOtherKeyIsMadeForDeriving(type: KeyType) throws {
        let open = try OpenToken()
        let error = try failure {
            try open.session.generateKey(type, purpose: .agree, at: try open.uri("object=e"))
        }
        #expect(error.code == .unsupportedMechanism)
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.isEmpty)
    }
}
