import KeyStoreCore
import KeyStorePlugin
import Testing

/// The mock behind the backend on a good day, in every shape that modules give keys.
struct SigningTests {
    @Test(
        arguments: [
            ("P-256", .ecdsaP256SHA256), ("P-384", .ecdsaP384SHA384), ("P-521", .ecdsaP521SHA512),
            ("Ed25519", .ed25519),
            ("RSA-2048", .rsaPKCS1SHA256), ("RSA-2048", .rsaPSSSHA256),
        ] as [(String, SignatureAlgorithm)])
    func everyKindOfKeySigns(type: String, algorithm: SignatureAlgorithm) throws {
        let open = try OpenMock(script: "remove any\nkey \(type) label=key seed=5")
        #expect(try open.key().signsValidly(algorithm))
        #expect(open.module.violations == [])
    }

    @Test(
        arguments: [
            "ec-point=der", "ec-point=raw", "public=no public-key-info=yes", "public=no certificate=yes",
            "public=no point-in-private=yes", "public=no point-in-private=yes ec-point=raw", "ec-params=name",
            "ec-params=old", "public-private=yes", "private=no", "public-key-info=empty",
        ])
    func aKeyIsReadInEveryShape(options: String) throws {
        for type in ["P-256", "P-521", "Ed25519"] {
            let open = try OpenMock(script: "remove any\nkey \(type) label=key id=01 seed=5 \(options)")
            let key = try open.key()
            let algorithm = try #require(key.info.algorithms.first)
            #expect(try key.signsValidly(algorithm), "\(type) \(options)")
        }
    }

    @Test func aKeyWithoutAnyPublicPartIsFoundAndSaysSo() throws {
        let open = try OpenMock(script: "remove any\nkey P-256 label=key id=01 public=no")
        let key = try open.key()
        #expect(try failure { try key.publicKey() }.code == .noSuchKey)
        #expect(try key.sign(message).isEmpty == false)
    }

    @Test(arguments: ["length 0", "length 63", "length 65", "length 1024", "claim 5000", "claim max", "der"])
    func aSignatureOfTheWrongLengthIsRefused(signature: String) throws {
        let open = try OpenMock(script: "signature \(signature)")
        let key = try open.key()
        #expect(try failure { try key.sign(message) }.code == .invalidReply)
        // And the session is not left in the middle of it.
        try open.module.run("signature plain")
        #expect(try key.signsValidly())
    }

    @Test func keysWithOneNameAreAmbiguousAndNoneSigns() throws {
        let open = try OpenMock(script: "key P-256 label=key id=01 seed=2")
        let error = try failure { try open.key() }
        #expect(error.code == .ambiguousKey)
        #expect(open.module.value("C_SignInit") == 0)
    }

    @Test func twoKeysWithOneIDAreToldApartByTheirLabels() throws {
        let open = try OpenMock(script: "key P-256 label=other id=01 seed=2")
        #expect(try open.key("object=key").publicKey() != open.key("object=other").publicKey())
        #expect(try open.key("object=other").signsValidly())
    }
}
