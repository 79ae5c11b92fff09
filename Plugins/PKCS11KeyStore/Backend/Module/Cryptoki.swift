import CP11Kit
import KeyStoreCore

/// The functions of a module that this backend calls, checked once, so that no call meets a null pointer.
///
/// Modules leave out what they do not have. What nothing works without is demanded when the module is loaded; the rest is
/// demanded where it is used.
final class Cryptoki: @unchecked Sendable {
    // Never changed after init, and lives as long as the process, because modules are never unloaded.
    let list: UnsafeMutablePointer<CK_FUNCTION_LIST>

    let initialize: CK_C_Initialize
    let finalize: CK_C_Finalize
    let getInfo: CK_C_GetInfo
    let getSlotList: CK_C_GetSlotList
    let getSlotInfo: CK_C_GetSlotInfo
    let getTokenInfo: CK_C_GetTokenInfo
    let getMechanismList: CK_C_GetMechanismList
    let openSession: CK_C_OpenSession
    let closeSession: CK_C_CloseSession
    let login: CK_C_Login
    let findObjectsInit: CK_C_FindObjectsInit
    let findObjects: CK_C_FindObjects
    let findObjectsFinal: CK_C_FindObjectsFinal
    let getAttributeValue: CK_C_GetAttributeValue
    let signInit: CK_C_SignInit
    let sign: CK_C_Sign

    /// Throws `incompatibleBackend`, naming what is missing.
    init(_ list: UnsafeMutablePointer<CK_FUNCTION_LIST>, of module: String) throws(KeyStoreError) {
        func demand<Function>(_ function: Function?, _ name: StaticString) throws(KeyStoreError) -> Function {
            if let function { return function }
            throw KeyStoreError(
                .incompatibleBackend, "the PKCS#11 module \(module) lacks the function \(name)",
                operation: "load module")
        }
        let functions = list.pointee
        guard functions.version.major >= 2 else {
            throw KeyStoreError(
                .incompatibleBackend,
                "the PKCS#11 module \(module) is of version \(functions.version.major).\(functions.version.minor), and 2.0 is needed",
                operation: "load module")
        }
        self.list = list
        initialize = try demand(functions.C_Initialize, "C_Initialize")
        finalize = try demand(functions.C_Finalize, "C_Finalize")
        getInfo = try demand(functions.C_GetInfo, "C_GetInfo")
        getSlotList = try demand(functions.C_GetSlotList, "C_GetSlotList")
        getSlotInfo = try demand(functions.C_GetSlotInfo, "C_GetSlotInfo")
        getTokenInfo = try demand(functions.C_GetTokenInfo, "C_GetTokenInfo")
        getMechanismList = try demand(functions.C_GetMechanismList, "C_GetMechanismList")
        openSession = try demand(functions.C_OpenSession, "C_OpenSession")
        closeSession = try demand(functions.C_CloseSession, "C_CloseSession")
        login = try demand(functions.C_Login, "C_Login")
        findObjectsInit = try demand(functions.C_FindObjectsInit, "C_FindObjectsInit")
        findObjects = try demand(functions.C_FindObjects, "C_FindObjects")
        findObjectsFinal = try demand(functions.C_FindObjectsFinal, "C_FindObjectsFinal")
        getAttributeValue = try demand(functions.C_GetAttributeValue, "C_GetAttributeValue")
        signInit = try demand(functions.C_SignInit, "C_SignInit")
        sign = try demand(functions.C_Sign, "C_Sign")
    }

    /// Throws `unsupportedOperation` for a module without the function.
    var generateKeyPair: CK_C_GenerateKeyPair {
        get throws(KeyStoreError) { try optional(list.pointee.C_GenerateKeyPair, "C_GenerateKeyPair") }
    }

    /// Throws `unsupportedOperation` for a module without the function.
    var createObject: CK_C_CreateObject {
        get throws(KeyStoreError) { try optional(list.pointee.C_CreateObject, "C_CreateObject") }
    }

    /// Throws `unsupportedOperation` for a module without the function.
    var destroyObject: CK_C_DestroyObject {
        get throws(KeyStoreError) { try optional(list.pointee.C_DestroyObject, "C_DestroyObject") }
    }

    /// Throws `unsupportedOperation` for a module without the function.
    var setAttributeValue: CK_C_SetAttributeValue {
        get throws(KeyStoreError) { try optional(list.pointee.C_SetAttributeValue, "C_SetAttributeValue") }
    }

    /// Throws `unsupportedOperation` for a module without the function.
    var decryptInit: CK_C_DecryptInit {
        get throws(KeyStoreError) { try optional(list.pointee.C_DecryptInit, "C_DecryptInit") }
    }

    /// Throws `unsupportedOperation` for a module without the function.
    var decrypt: CK_C_Decrypt {
        get throws(KeyStoreError) { try optional(list.pointee.C_Decrypt, "C_Decrypt") }
    }

    /// Throws `unsupportedOperation` for a module without the function.
    var deriveKey: CK_C_DeriveKey {
        get throws(KeyStoreError) { try optional(list.pointee.C_DeriveKey, "C_DeriveKey") }
    }

    private func optional<Function>(_ function: Function?, _ name: StaticString) throws(KeyStoreError) -> Function {
        if let function { return function }
        throw KeyStoreError(.unsupportedOperation, "the PKCS#11 module does not have the function \(name)")
    }

    /// Throws what a function returned, unless it succeeded.
    @inline(__always)
    static func check(_ value: CK_RV, _ function: StaticString, during operation: String) throws(KeyStoreError) {
        if value != CKR_OK { throw KeyStoreError.pkcs11(value, function, during: operation) }
    }
}
