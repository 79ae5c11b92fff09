import CP11Kit
import KeyStoreCore
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// What is read of an object whose module answers oddly. Tests/Fuzzing looks for more of the kind.
struct AttributeReaderTests {
    /// The value of an attribute; nil to say nothing of it at all, not even that there is none. C functions capture nothing,
    /// so that they find this here.
    @TaskLocal private static var value: @Sendable (CK_ATTRIBUTE_TYPE) -> [UInt8]? = { _ in nil }

    private let cryptoki: Cryptoki

    init() throws {
        // Lives as long as the process, as a module does.
        let list = UnsafeMutablePointer<CK_FUNCTION_LIST>.allocate(capacity: 1)
        list.initialize(to: try ModuleLibrary.load(SoftHSM.modulePath).pointee)
        list.pointee.C_GetAttributeValue = { _, _, template, count in
            for index in 0..<Int(count) {
                guard let value = AttributeReaderTests.value(template![index].type) else { continue }
                template![index].pValue?.copyMemory(from: value, byteCount: value.count)
                template![index].ulValueLen = CK_ULONG(value.count)
            }
            return 0
        }
        cryptoki = try Cryptoki(list, of: "odd")
    }

    private func bytes(_ number: CK_ULONG) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }

    @Test func aModuleThatSaysNothingDoesNotGiveTheValuesOfTheObjectBefore() throws {
        let reader = AttributeReader([(CKA_ID, 8)])
        try Self.$value.withValue({ _ in [1, 2, 3, 4, 5, 6, 7, 8] }) { try reader.read(cryptoki, 1, 1) }
        #expect(reader.bytes(0) == [1, 2, 3, 4, 5, 6, 7, 8])
        try reader.read(cryptoki, 1, 2)
        #expect(reader.bytes(0) == nil)
    }

    /// The other way round some vendors have their Ed25519 keys.
    @Test(arguments: [(CKK_EC_EDWARDS, Curve.p256), (CKK_EC_EDWARDS, .p521)])
    func aKeyWhoseTypeContradictsItsCurveIsUsedAsNeither(type: CK_KEY_TYPE, curve: Curve) throws {
        let reader = ObjectRecord.makeReader()
        let record = try Self.$value.withValue({ attribute in
            switch attribute {
            case CKA_KEY_TYPE: self.bytes(type)
            case CKA_EC_PARAMS: curve.identifier
            case CKA_EC_POINT: [4] + [UInt8](repeating: 1, count: curve.pointLength - 1)
            default: []
            }
        }) {
            try reader.read(cryptoki, 1, 1)
            return try ObjectRecord(1, reader)
        }
        #expect(record.type == nil)
        #expect(try record.publicKey() == nil)
    }
}
