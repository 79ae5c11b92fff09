import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// Keys that a token makes otherwise than it was asked to.
struct GenerationTests {
    private func generate(_ open: OpenMock, _ type: KeyType = .ecP256) throws -> any BackendKey {
        try open.session.generateKey(type, at: try open.uri("object=new;id=%07"))
    }

    @Test(arguments: [.ecP256, .ecP384, .ecP521, .ed25519, .rsa(bits: 2048)] as [KeyType])
    func everyKindOfKeyIsMade(type: KeyType) throws {
        let open = try OpenMock()
        let key = try generate(open, type)
        let algorithm = try #require(key.info.algorithms.first)
        #expect(try key.signsValidly(algorithm))
        #expect(key.info.type == type && key.info.label == "new" && key.info.id == [7] && !key.info.isExtractable)
    }

    @Test(arguments: ["extractable=yes", "sensitive=no", "token=no", "private=no"])
    func aKeyThatWouldNotBeSafeIsDestroyed(option: String) throws {
        let open = try OpenMock(script: "generated \(option)")
        #expect(try failure { try generate(open) }.code == .policyRefused)
        #expect(open.module.value("objects") == 2)
    }

    @Test(arguments: ["type=P-384", "type=RSA-2048", "public=no"])
    func aKeyOfAnotherKindIsDestroyed(option: String) throws {
        let open = try OpenMock(script: "generated \(option)")
        let error = try failure { try generate(open) }
        #expect([.invalidReply, .noSuchKey].contains(error.code), "\(error)")
        #expect(open.module.value("objects") == 2)
    }

    @Test(arguments: ["ec-point=raw", "ec-point=bits", "ec-params=name", "public-key-info=yes"])
    func aKeyThatIsDescribedOtherwiseIsTaken(option: String) throws {
        let open = try OpenMock(script: "generated \(option)")
        for type in [.ecP384, .ed25519] as [KeyType] where option != "ec-point=bits" || type == .ed25519 {
            let key = try open.session.generateKey(type, at: try open.uri(""))
            #expect(try key.signsValidly(try #require(key.info.algorithms.first)), "\(type)")
        }
    }

    @Test(arguments: ["oid", "name"])
    func aTokenThatKnowsOneSpellingOfCurvesMakesKeys(spelling: String) throws {
        let open = try OpenMock(script: "accept-ec-params \(spelling)")
        for type in [.ecP256, .ecP521, .ed25519] as [KeyType] {
            _ = try open.session.generateKey(type, at: try open.uri(""))
        }
        #expect(try open.list().count == 4)
    }

    @Test func aNameThatIsTakenIsNotGivenTwice() throws {
        let open = try OpenMock(script: "key P-256 label=hidden id=08 seed=8 public=no")
        for name in ["object=key", "id=%01", "object=new;id=%08", "object=hidden"] {
            #expect(
                try failure { try open.session.generateKey(.ecP256, at: try open.uri(name)) }.code == .keyExists,
                "\(name)")
        }
        #expect(open.module.value("C_GenerateKeyPair") == 0)
    }

    @Test(
        arguments: [
            ("write-protected on", .policyRefused), ("on C_GenerateKeyPair 1+ return CKR_DEVICE_MEMORY", .writeFailed),
            ("on C_GenerateKeyPair 1+ return CKR_FUNCTION_NOT_SUPPORTED", .unsupportedOperation),
            ("mechanisms - CKM_EC_KEY_PAIR_GEN", .unsupportedMechanism),
            ("refuse CKM_EC_KEY_PAIR_GEN CKR_MECHANISM_INVALID", .unsupportedMechanism),
            ("on C_GenerateKeyPair 1+ return CKR_TEMPLATE_INCONSISTENT", .unsupportedMechanism),
        ] as [(String, KeyStoreError.Code)])
    func aTokenThatMakesNoKeysSaysWhy(script: String, code: KeyStoreError.Code) throws {
        let module = try MockModule(script)
        let error = try failure {
            let open = try OpenMock(module)
            _ = try generate(open)
        }
        #expect(error.code == code, "\(error)")
        #expect(module.value("objects") == 2)
    }
}
