import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// Ed25519 by the numbers that vendors had before the standard gave it some.
struct EdwardsFormTests {
    private static let forms: [(quirk: String, script: String, keyType: String)] = [
        (
            "eddsa-luna",
            "alias 0x80000C03 CKM_EDDSA\nalias 0x80000C01 CKM_EC_EDWARDS_KEY_PAIR_GEN\n"
                + "mechanisms + 0x80000C03 0x80000C01", "0x80000012"
        ),
        ("eddsa-ep11", "alias 0x8001001C CKM_EDDSA\nmechanisms + 0x8001001C", "CKK_EC"),
        (
            "eddsa-bind",
            "alias 0x9041 CKM_EDDSA\nalias 0x9040 CKM_EC_EDWARDS_KEY_PAIR_GEN\n"
                + "mechanisms + 0x9041 0x9040", "0x8003"
        ),
    ]

    private func open(_ form: Int, _ quirks: String) throws -> OpenMock {
        let (_, script, keyType) = Self.forms[form]
        let module = try MockModule(
            "remove any\nmechanisms - CKM_EDDSA CKM_EC_EDWARDS_KEY_PAIR_GEN\n\(script)\n"
                + "key Ed25519 label=key seed=3 key-type=\(keyType) ec-params=old")
        return try OpenMock(module, query: quirks.isEmpty ? "" : "x-quirks=\(quirks)")
    }

    @Test(arguments: 0..<3)
    func aKeyInAVendorsFormSignsWhereTheQuirkIsOn(form: Int) throws {
        let open = try open(form, Self.forms[form].quirk)
        let key = try open.key()
        #expect(key.info.type == .ed25519)
        #expect(key.info.algorithms == [.ed25519])
        #expect(try key.publicKey() == KnownKeys.publicKey("Ed25519", seed: 3))
        #expect(try key.signsValidly(.ed25519))
        #expect(open.module.violations == [])
    }

    @Test(arguments: 0..<3)
    func withoutTheQuirkAVendorsNumbersMeanNothing(form: Int) throws {
        for quirks in ["", "-\(Self.forms[form].quirk)"] {
            let open = try open(form, quirks)
            #expect(try open.key().info.algorithms.isEmpty)
            let error = try failure { try open.session.generateKey(.ed25519, at: try open.uri("object=new")) }
            #expect(error.code == .unsupportedMechanism)
        }
        #expect(try self.open(form, "").module.value("C_GenerateKeyPair") == 0)
    }

    @Test(arguments: [0, 2])
    func aNewKeyIsMadeInTheVendorsForm(form: Int) throws {
        let open = try open(form, Self.forms[form].quirk)
        let key = try open.session.generateKey(.ed25519, at: try open.uri("object=new"))
        #expect(try key.signsValidly(.ed25519))
    }
}
