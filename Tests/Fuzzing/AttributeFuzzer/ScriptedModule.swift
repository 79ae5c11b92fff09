import CP11Kit

@testable import PKCS11KeyStore

/// A function list whose C_GetAttributeValue answers as a script says: short, too long, not at all, with another length in
/// the second call than in the first. It never writes behind the memory that it is given, which nobody could survive, and it
/// has no other function.
enum ScriptedModule {
    // C functions capture nothing, and libFuzzer has one thread.
    nonisolated(unsafe) static var script = Script([])
    /// How much was asked for so far, so that a reader that asks without end is noticed.
    nonisolated(unsafe) static var callCount = 0

    static let cryptoki: Cryptoki = {
        // Lives as long as the process, as a module does.
        let list = UnsafeMutablePointer<CK_FUNCTION_LIST>.allocate(capacity: 1)
        list.initialize(to: CK_FUNCTION_LIST())
        list.pointee.version = CK_VERSION(major: 2, minor: 40)
        list.pointee.C_Initialize = { _ in CKR_FUNCTION_FAILED }
        list.pointee.C_Finalize = { _ in CKR_FUNCTION_FAILED }
        list.pointee.C_GetInfo = { _ in CKR_FUNCTION_FAILED }
        list.pointee.C_GetSlotList = { _, _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_GetSlotInfo = { _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_GetTokenInfo = { _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_GetMechanismList = { _, _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_OpenSession = { _, _, _, _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_CloseSession = { _ in CKR_FUNCTION_FAILED }
        list.pointee.C_Login = { _, _, _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_FindObjectsInit = { _, _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_FindObjects = { _, _, _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_FindObjectsFinal = { _ in CKR_FUNCTION_FAILED }
        list.pointee.C_GetAttributeValue = { _, _, template, count in
            ScriptedModule.answer(UnsafeMutableBufferPointer(start: template, count: Int(count)))
        }
        list.pointee.C_SignInit = { _, _, _ in CKR_FUNCTION_FAILED }
        list.pointee.C_Sign = { _, _, _, _, _ in CKR_FUNCTION_FAILED }
        do {
            return try Cryptoki(list, of: "script")
        } catch {
            fatalError("\(error)")
        }
    }()

    private static func answer(_ template: UnsafeMutableBufferPointer<CK_ATTRIBUTE>) -> CK_RV {
        callCount += 1
        if callCount > 1000 { fatalError("the module is asked without end") }
        var result = script.choice([
            CKR_OK, CKR_OK, CKR_OK, CKR_OK, CKR_OK, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE,
            CKR_BUFFER_TOO_SMALL, CKR_OBJECT_HANDLE_INVALID, CKR_DEVICE_REMOVED,
        ])
        for index in template.indices { answer(&template[index], &result) }
        return result
    }

    private static func answer(_ attribute: inout CK_ATTRIBUTE, _ result: inout CK_RV) {
        let room = Int(attribute.ulValueLen)
        switch script.byte() % 11 {
        case 0, 1, 2: give(PlausibleValue.of(attribute.type, &script), &attribute, &result)
        case 3: give(script.bytes(Int(script.byte())), &attribute, &result)
        case 4: give([UInt8](repeating: script.byte(), count: Int(script.number(3) & 0x1FFFF)), &attribute, &result)
        case 5: attribute.ulValueLen = CK_ULONG.max
        case 6: attribute.ulValueLen = script.number(8)
        case 7: attribute.ulValueLen = attribute.ulValueLen &+ script.number(1) &- 128
        case 8:
            // What the caller owns is not the module's to change; some do.
            attribute.type = script.number(2)
            attribute.pValue = nil
        case 9: attribute.pValue?.initializeMemory(as: UInt8.self, repeating: script.byte(), count: room)
        default: break
        }
    }

    /// What the standard has a module do (PKCS #11 2.40 §5.7, C_GetAttributeValue).
    private static func give(_ value: [UInt8], _ attribute: inout CK_ATTRIBUTE, _ result: inout CK_RV) {
        guard let memory = attribute.pValue else {
            attribute.ulValueLen = CK_ULONG(value.count)
            return
        }
        guard CK_ULONG(value.count) <= attribute.ulValueLen else {
            attribute.ulValueLen = CK_ULONG.max
            result = CKR_BUFFER_TOO_SMALL
            return
        }
        memory.copyMemory(from: value, byteCount: value.count)
        attribute.ulValueLen = CK_ULONG(value.count)
    }
}
