import KeyStoreCore
import KeyStorePlugin
import OpenSSL
import PKCS11KeyStore
import Testing

/// Keys from outside, on tokens that take them and on those that do not.
struct ImportTests {
    private func take(_ algorithm: [String], _ open: OpenMock) throws -> any BackendKey {
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm"] + algorithm)
        let session = try #require(open.session as? any KeyImportingBackendSession)
        return try pem.withBytes { bytes throws(KeyStoreError) in
            try session.importKey(pem: bytes, at: KeyStoreURI(open.module.uri("object=taken;id=%05")))
        }
    }

    private static let p256 = ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]

    @Test(arguments: [p256, ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"], ["RSA"], ["ED25519"]])
    func aKeyThatTheTokenTakesSigns(algorithm: [String]) throws {
        let open = try OpenMock()
        let key = try take(algorithm, open)
        #expect(try key.signsValidly(try #require(key.info.algorithms.first)))
        #expect(open.module.value("objects") == 4)
    }

    @Test(
        arguments: [
            ("CKR_FUNCTION_NOT_SUPPORTED", .unsupportedOperation), ("CKR_TEMPLATE_INCONSISTENT", .unsupportedOperation),
            ("CKR_ATTRIBUTE_TYPE_INVALID", .unsupportedOperation), ("CKR_ACTION_PROHIBITED", .unsupportedOperation),
            ("CKR_DEVICE_MEMORY", .writeFailed), ("CKR_TOKEN_WRITE_PROTECTED", .policyRefused),
        ] as [(String, KeyStoreError.Code)])
    func aTokenThatTakesNoKeysSaysSoAndKeepsNothing(result: String, code: KeyStoreError.Code) throws {
        let open = try OpenMock(script: "import \(result)")
        #expect(try failure { try take(Self.p256, open) }.code == code)
        #expect(open.module.value("objects") == 2)
    }

    @Test(arguments: ["CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED", "CKR_SESSION_HANDLE_INVALID", "CKR_GENERAL_ERROR"])
    func aKeyIsNotStoredTwice(result: String) throws {
        let open = try OpenMock(script: "after C_CreateObject 1 return \(result)")
        #expect(throws: KeyStoreError.self) { try take(Self.p256, open) }
        #expect(open.module.value("C_CreateObject") == 1)
    }
}
