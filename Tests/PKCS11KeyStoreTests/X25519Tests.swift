import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import SoftHSMTokens
import TemporaryFiles
import Testing

@testable import PKCS11KeyStore

/// X25519 keys that are on tokens already. None is made, and none is put there.
struct X25519Tests {
    /// Makes a pair as SoftHSM does it, among the keys of Edwards curves.
    private func makePair(_ open: OpenToken) throws {
        var publicTemplate = AttributeTemplate()
        publicTemplate.add(CKA_EC_PARAMS, Curve.x25519.identifier)
        publicTemplate.add(CKA_ID, [7])
        publicTemplate.add(CKA_TOKEN, true)
        var privateTemplate = AttributeTemplate()
        privateTemplate.add(CKA_ID, [7])
        for attribute in [CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_DERIVE] { privateTemplate.add(attribute, true) }
        try open.session.using {
            try open.session.logIn()
            var mechanism = CK_MECHANISM(
                mechanism: CKM_EC_EDWARDS_KEY_PAIR_GEN, pParameter: nil, ulParameterLen: 0)
            var handles: (CK_OBJECT_HANDLE, CK_OBJECT_HANDLE) = (0, 0)
            let result = publicTemplate.withAttributes { publicAttributes, publicCount in
                privateTemplate.withAttributes { privateAttributes, privateCount in
                    open.session.cryptoki.generateKeyPair(
                        open.session.handle, &mechanism, publicAttributes, publicCount, privateAttributes,
                        privateCount, &handles.0, &handles.1)
                }
            }
            try Cryptoki.check(result, "C_GenerateKeyPair", during: "test")
        }
    }

    @Test func aKeyOfSoftHSMsIsListedAsWhatItIsAndAgreesAsOpenSSLDoes() throws {
        let open = try OpenToken()
        try makePair(open)
        var listed: [KeyInfo] = []
        try open.session.forEachKey(matching: nil) { info in
            listed.append(info)
            return true
        }
        #expect(listed.map(\.type) == [.x25519])
        #expect(listed.allSatisfy { $0.canAgree && $0.algorithms.isEmpty })
        let key = try #require(try open.session.key(at: try open.uri("id=%07")) as? any AgreeingBackendKey)
        let folder = TemporaryFolder()
        try folder.write("ours", try key.publicKey().der)
        for _ in 0..<4 {
            let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "X25519"])
            let expected = try OpenSSLCommand.run([
                "pkeyutl", "-derive", "-inkey", try folder.write("mine", pem), "-peerform", "DER", "-peerkey",
                folder.path("ours"),
            ])
            let secret = try key.sharedSecret(with: PublicKey(der: OpenSSLCommand.publicKey(ofPEM: pem)))
            #expect(secret.withBytes { $0.elementsEqual(expected) })
        }
        let zero = try key.publicKey().der.dropLast(32) + [UInt8](repeating: 0, count: 32)
        #expect(try failure { try key.sharedSecret(with: PublicKey(der: Array(zero))) }.code == .invalidData)
        #expect(try failure { try key.sign(message, .ed25519) }.code == .unsupportedMechanism)
    }

    @Test func noneIsMadeOrTakenFromOutside() throws {
        let open = try OpenToken()
        for purpose in [KeyPurpose.agree, .sign] {
            let error = try failure {
                try open.session.generateKey(.x25519, purpose: purpose, at: try open.uri("object=e"))
            }
            #expect(error.code == .unsupportedMechanism && error.message.contains("X25519"))
        }
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "X25519"])
        let error = try failure {
            try pem.withRawBytes { bytes in
                try open.session.importKey(pem: bytes, purpose: .agree, at: try open.uri("object=e"))
            }
        }
        #expect(error.code == .unsupportedMechanism && error.message.contains("X25519"))
        #expect(try open.session.using { try open.session.find(AttributeTemplate()) }.isEmpty)
    }

    @Test func theStandardsKeyTypeIsKnownWithItsCurveAndWithNoOther() {
        #expect(ObjectRecord.type(ofKeyType: 0x41, .x25519) == .x25519)
        for curve in [Curve.ed25519, .p256, nil] { #expect(ObjectRecord.type(ofKeyType: 0x41, curve) == nil) }
        #expect(ObjectRecord.type(ofKeyType: CKK_EC, .x25519) == .x25519)
        #expect(ObjectRecord.type(ofKeyType: CKK_EC_EDWARDS, .x25519) == .x25519)
        #expect(ObjectRecord.type(ofKeyType: CKK_EC_EDWARDS, .p256) == nil)
    }
}
