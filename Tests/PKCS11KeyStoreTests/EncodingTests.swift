import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// What modules give, put into the forms that others read.
struct EncodingTests {
    @Test(
        arguments: [
            ([1, 2], [0x30, 6, 2, 1, 1, 2, 1, 2]),
            ([0x80, 0x7F], [0x30, 7, 2, 2, 0, 0x80, 2, 1, 0x7F]),
            ([0, 1, 0, 0], [0x30, 6, 2, 1, 1, 2, 1, 0]),
            ([0, 0x80, 0xFF, 1], [0x30, 9, 2, 2, 0, 0x80, 2, 3, 0, 0xFF, 1]),
        ] as [([UInt8], [UInt8])])
    func aSignatureBecomesDERInItsShortestForm(raw: [UInt8], der: [UInt8]) {
        #expect(raw.withUnsafeBytes { ECDSASignature.der($0) } == der)
    }

    @Test func aLongSignatureHasALongLength() {
        let der = [UInt8](repeating: 0xFF, count: 132).withUnsafeBytes { ECDSASignature.der($0) }
        #expect(der.count == 141)
        #expect(der.prefix(6) == [0x30, 0x81, 138, 2, 67, 0])
    }

    @Test(arguments: Curve.allCases)
    func aPointIsReadRawOrWrapped(curve: Curve) {
        var point = [UInt8](repeating: 7, count: curve.pointLength)
        if !curve.isCurve25519 { point[0] = 4 }
        #expect(curve.point(point) == point)
        let wrapped = DERWriter.value(DERWriter.octetString, point)
        #expect(curve.point(wrapped) == point)
        #expect(curve.point(Array(wrapped.dropLast())) == nil)
        #expect(curve.point(wrapped + [0]) == nil)
        #expect(curve.point(Array(point.dropLast())) == nil)
        #expect(curve.point([]) == nil)
    }

    @Test(arguments: [Curve.p256, .p384, .p521])
    func aPointThatIsNotUncompressedIsNone(curve: Curve) {
        var point = [UInt8](repeating: 7, count: curve.pointLength)
        point[0] = 2
        #expect(curve.point(point) == nil)
        #expect(curve.point(DERWriter.value(DERWriter.octetString, point)) == nil)
    }

    @Test func theDraftFormOfAnEd25519PointIsRead() {
        let point = [UInt8](repeating: 9, count: 32)
        #expect(Curve.ed25519.point([3, 33, 0] + point) == point)
    }

    @Test(
        arguments: [
            ([6, 3, 0x2B, 0x65, 0x70], Curve.ed25519), (DERWriter.value(0x13, Array("edwards25519".utf8)), .ed25519),
            ([6, 3, 0x2B, 0x65, 0x6E], .x25519), (DERWriter.value(0x13, Array("curve25519".utf8)), .x25519),
            ([6, 9, 0x2B, 6, 1, 4, 1, 0xDA, 0x47, 0x0F, 1], .ed25519),
            (DERWriter.value(0x13, Array("secp256r1".utf8)), .p256),
            ([6, 5, 0x2B, 0x81, 4, 0, 0x22], .p384), ([6, 5, 0x2B, 0x81, 4, 0, 0x0A], nil), ([], nil),
        ] as [([UInt8], Curve?)])
    func aCurveIsRecognisedInEverySpelling(parameters: [UInt8], curve: Curve?) {
        #expect(Curve(parameters: parameters) == curve)
    }

    @Test(
        arguments: [
            ([], [2, 1, 0]), ([0, 0], [2, 1, 0]), ([0, 5], [2, 1, 5]), ([0x80], [2, 2, 0, 0x80]),
        ] as [([UInt8], [UInt8])])
    func aNumberIsNeverNegative(bytes: [UInt8], der: [UInt8]) {
        #expect(DERWriter.unsignedInteger(bytes) == der)
    }

    @Test func paddingOfEitherKindIsTrimmed() {
        #expect(PaddedText.bytes((UInt8(0x61), UInt8(0x20), UInt8(0x62), UInt8(0x20), UInt8(0))) == [0x61, 0x20, 0x62])
        #expect(PaddedText.bytes((UInt8(0x20), UInt8(0))) == [])
    }

    @Test func aValueThatIsLongerThanUsualIsReadAllTheSame() throws {
        let open = try OpenToken()
        let label = String(repeating: "long ", count: 200)
        let made = try open.session.generateKey(
            .ecP256, at: try open.uri("object=\(PercentEncoding.encode(label.utf8))"))
        #expect(made.info.label == label)
        #expect(try open.session.key(at: made.info.uri).publicKey() == made.publicKey())
    }

    @Test(arguments: [0xA0, 0xA1, 0xA2, 0xA4] as [UInt])
    func aFunctionThatTakesNoPINSaysNothingOfOne(value: UInt) {
        #expect(KeyStoreError.pkcs11(value, "C_Sign", during: "test").code == .backendFailure)
    }

    @Test(
        arguments: [
            (0xA0, KeyStoreError.Code.pinIncorrect, "CKR_PIN_INCORRECT"), (0xA4, .pinLocked, "CKR_PIN_LOCKED"),
            (0x102, .policyRefused, "CKR_USER_PIN_NOT_INITIALIZED"), (0x101, .pinRequired, "CKR_USER_NOT_LOGGED_IN"),
            (0x32, .tokenRemoved, "CKR_DEVICE_REMOVED"), (0xB3, .tokenRemoved, "CKR_SESSION_HANDLE_INVALID"),
            (0x82, .noSuchKey, "CKR_OBJECT_HANDLE_INVALID"), (0xB1, .busy, "CKR_SESSION_COUNT"),
            (0x70, .unsupportedMechanism, "CKR_MECHANISM_INVALID"),
            (0x54, .unsupportedOperation, "CKR_FUNCTION_NOT_SUPPORTED"),
            (0x68, .policyRefused, "CKR_KEY_FUNCTION_NOT_PERMITTED"), (0x50, .cancelled, "CKR_FUNCTION_CANCELED"),
            (0x31, .writeFailed, "CKR_DEVICE_MEMORY"), (0x5, .backendFailure, "CKR_GENERAL_ERROR"),
            (0x20, .invalidData, "CKR_DATA_INVALID"), (0x8000_0001, .backendFailure, "CKR_VENDOR_DEFINED"),
            (0x7FFF, .backendFailure, ""),
        ] as [(UInt, KeyStoreError.Code, String)])
    func aReturnValueBecomesACodeAndKeepsItsName(value: UInt, code: KeyStoreError.Code, name: String) {
        let error = KeyStoreError.pkcs11(value, "C_Login", during: "test")
        #expect(error.code == code)
        #expect(error.native == NativeError(domain: "PKCS#11", function: "C_Login", name: name, number: Int64(value)))
        #expect(!error.message.isEmpty)
    }

    @Test(arguments: [0xA0, 0xA1, 0xA2, 0xA4] as [UInt])
    func whatIsSaidOfAPINWhereNoneWasGivenIsNoWrongPIN(value: UInt) {
        #expect(KeyStoreError.pkcs11(value, "C_Sign", during: "test").code == .backendFailure)
    }
}
