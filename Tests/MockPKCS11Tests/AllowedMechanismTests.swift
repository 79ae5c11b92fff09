import KeyStoreCore
import KeyStorePlugin
import KeyStoreVerification
import PKCS11KeyStore
import Testing

/// Keys that may do less than their token can, and tokens that have only mechanisms which hash too.
struct AllowedMechanismTests {
    @Test(
        arguments: [
            ("RSA-2048", "CKM_SHA256_RSA_PKCS", [.rsaPKCS1SHA256]),
            ("RSA-2048", "CKM_SHA384_RSA_PKCS_PSS,CKM_SHA512_RSA_PKCS", [.rsaPSSSHA384, .rsaPKCS1SHA512]),
            ("P-256", "CKM_ECDSA_SHA256", [.ecdsaP256SHA256]), ("P-384", "CKM_ECDSA_SHA384", [.ecdsaP384SHA384]),
            ("P-521", "CKM_ECDSA_SHA512", [.ecdsaP521SHA512]), ("P-256", "CKM_ECDSA_SHA384", []),
        ] as [(String, String, [SignatureAlgorithm])])
    func aKeyThatIsAllowedOnlyToHashAndSignSignsMessages(
        type: String, mechanisms: String, algorithms: [SignatureAlgorithm]
    ) throws {
        let open = try OpenMock(script: "remove any\nkey \(type) label=key seed=4 mechanisms=\(mechanisms)")
        let key = try open.key()
        #expect(key.info.algorithms == algorithms)
        #expect(key.info.decryptionAlgorithms.isEmpty && !key.info.canAgree)
        for algorithm in algorithms {
            #expect(try key.signsValidly(algorithm), "\(algorithm)")
            let digest = [UInt8](repeating: 1, count: try #require(algorithm.hash).digestLength)
            let error = try failure { try digest.withUnsafeBytes { try key.sign($0, form: .digest, using: algorithm) } }
            #expect(error.code == .unsupportedMechanism)
            #expect(error.message.contains("give it the message"))
        }
    }

    @Test func aTokenWithoutMechanismsForDigestsSignsMessages() throws {
        let open = try OpenMock(script: "mechanisms - CKM_ECDSA\nkey RSA-2048 label=rsa\nmechanisms - CKM_RSA_PKCS_PSS")
        #expect(try open.key().signsValidly(.ecdsaP256SHA256))
        let rsa = try open.key("object=rsa")
        #expect(rsa.info.algorithms == KeyType.rsa(bits: 2048).algorithms)
        for algorithm in rsa.info.algorithms { #expect(try rsa.signsValidly(algorithm), "\(algorithm)") }
    }

    @Test func whereBothAreAllowedTheDigestIsMadeHere() throws {
        let open = try OpenMock(script: "remove any\nkey P-256 label=key seed=4 mechanisms=CKM_ECDSA,CKM_ECDSA_SHA256")
        let key = try open.key()
        #expect(try key.signsValidly())
        let digest = [UInt8](repeating: 1, count: 32)
        #expect(try !digest.withUnsafeBytes { try key.sign($0, form: .digest, using: .ecdsaP256SHA256) }.isEmpty)
    }

    @Test(
        arguments: [
            ("RSA-2048", "CKM_RSA_PKCS_OAEP", EncryptionAlgorithm.all.filter { $0 != .rsaPKCS1 }, false),
            ("RSA-2048", "CKM_RSA_PKCS", [.rsaPKCS1], false), ("P-256", "CKM_ECDH1_DERIVE", [], true),
        ] as [(String, String, [EncryptionAlgorithm], Bool)])
    func aKeyDecryptsAndDerivesAsItIsAllowedTo(
        type: String, mechanism: String, decryptions: [EncryptionAlgorithm], agrees: Bool
    ) throws {
        let open = try OpenMock(script: "remove any\nkey \(type) label=key seed=4 mechanisms=\(mechanism)")
        let info = try open.key().info
        #expect(info.decryptionAlgorithms == decryptions)
        #expect(info.canAgree == agrees)
        #expect(try open.list().map(\.decryptionAlgorithms) == [decryptions])
    }

    @Test(arguments: [("sign=no", true, false), ("decrypt=no", false, true)])
    func aKeyDoesWhatItsAttributesSay(option: String, decrypts: Bool, signs: Bool) throws {
        let open = try OpenMock(script: "remove any\nkey RSA-2048 label=key seed=4 \(option)")
        let info = try open.key().info
        #expect(info.decryptionAlgorithms.isEmpty != decrypts && info.algorithms.isEmpty != signs)
    }

    @Test(arguments: [("derive=no", false), ("derive=yes", true)])
    func aKeyDerivesOnlyIfItsAttributesSaySo(option: String, derives: Bool) throws {
        let open = try OpenMock(script: "remove any\nkey P-256 label=key seed=4 \(option)")
        #expect(try open.key().info.canAgree == derives)
        #expect(try open.list().map(\.canAgree) == [derives])
    }
}
