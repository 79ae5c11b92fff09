import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import PKCS11KeyStore
import TemporaryFiles
import Testing

/// Deriving with modules that want the point or the template otherwise, and with some that fail.
struct AgreementTests {
    private func open() throws -> (OpenMock, any AgreeingBackendKey) {
        let open = try OpenMock(script: "remove any\nkey P-256 label=key seed=7")
        return (open, try #require(try open.key() as? any AgreeingBackendKey))
    }

    private func peer() throws -> (pem: [UInt8], publicKey: PublicKey) {
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        return (pem, try PublicKey(der: try OpenSSLCommand.publicKey(ofPEM: pem)))
    }

    private func theirs(_ pem: [UInt8], with key: PublicKey) throws -> [UInt8] {
        let folder = TemporaryFolder()
        return try OpenSSLCommand.run([
            "pkeyutl", "-derive", "-inkey", try folder.write("mine", pem), "-peerform", "DER", "-peerkey",
            try folder.write("theirs", key.der),
        ])
    }

    @Test(
        arguments: [
            ("", 1), ("CKR_MECHANISM_PARAM_INVALID", 2), ("CKR_ARGUMENTS_BAD", 2), ("CKR_TEMPLATE_INCONSISTENT", 2),
            ("CKR_ATTRIBUTE_TYPE_INVALID", 2), ("CKR_DATA_LEN_RANGE", 2),
        ])
    func whatOneModuleRefusesIsAskedForOtherwise(refusal: String, calls: Int) throws {
        let (open, key) = try open()
        if !refusal.isEmpty { try open.module.run("on C_DeriveKey 1 return \(refusal)") }
        let objects = open.module.value("objects")
        let (pem, peer) = try peer()
        let secret = try key.sharedSecret(with: peer).withBytes { Array($0) }
        #expect(secret == (try theirs(pem, with: try key.publicKey())))
        #expect(open.module.value("C_DeriveKey") == calls)
        #expect(open.module.value("objects") == objects)
        #expect(open.module.violations == [])
    }

    @Test(
        arguments: [
            ("CKR_TEMPLATE_INCONSISTENT", .policyRefused), ("CKR_KEY_FUNCTION_NOT_PERMITTED", .policyRefused),
            ("CKR_MECHANISM_INVALID", .unsupportedMechanism), ("CKR_HOST_MEMORY", .backendFailure),
        ] as [(String, KeyStoreError.Code)])
    func aRefusalKeepsItsCause(value: String, code: KeyStoreError.Code) throws {
        let (open, key) = try open()
        try open.module.run("on C_DeriveKey 1+ return \(value)")
        let error = try failure { try key.sharedSecret(with: try peer().publicKey) }
        #expect(error.code == code)
        #expect(error.native?.function == "C_DeriveKey" && error.native?.name == value)
    }

    @Test func aPointThatIsNotOnTheCurveNeverReachesTheToken() throws {
        let (open, key) = try open()
        var der = try peer().publicKey.der
        der[der.count - 1] ^= 1
        #expect(try failure { try key.sharedSecret(with: try PublicKey(der: der)) }.code == .invalidData)
        #expect(open.module.value("C_DeriveKey") == 0)
    }

    @Test func aSecretThatCannotBeReadIsDestroyedAllTheSame() throws {
        let (open, key) = try open()
        let objects = open.module.value("objects")
        try open.module.run("after C_DeriveKey 1 on C_GetAttributeValue 1 return CKR_ATTRIBUTE_SENSITIVE")
        let error = try failure { try key.sharedSecret(with: try peer().publicKey) }
        #expect(error.code == .policyRefused)
        #expect(open.module.value("objects") == objects)
    }
}
