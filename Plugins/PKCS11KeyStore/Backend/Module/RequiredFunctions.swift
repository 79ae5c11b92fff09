import CP11Kit
import KeyStoreCore

/// The functions that nothing works without, checked once, so that no call meets a null pointer.
struct RequiredFunctions {
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
    init(_ functions: CK_FUNCTION_LIST, of module: String) throws(KeyStoreError) {
        func demand<Function>(_ function: Function?, _ name: StaticString) throws(KeyStoreError) -> Function {
            if let function { return function }
            throw KeyStoreError(
                .incompatibleBackend, "the PKCS#11 module \(module) lacks the function \(name)",
                operation: "load module")
        }
        guard functions.version.major >= 2 else {
            throw KeyStoreError(
                .incompatibleBackend,
                "the PKCS#11 module \(module) is of version \(functions.version.major).\(functions.version.minor), and 2.0 is needed",
                operation: "load module")
        }
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
}
