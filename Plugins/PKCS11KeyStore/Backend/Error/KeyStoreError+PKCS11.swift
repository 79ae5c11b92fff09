import CP11Kit
import KeyStoreCore

extension KeyStoreError {
    /// What a module's function returned, as an error: the code says what the caller does next, `native` keeps the function,
    /// the name and the number.
    static func pkcs11(_ value: CK_RV, _ function: StaticString, during operation: String) -> KeyStoreError {
        var (code, message) = meaning(of: value)
        if code == .pinIncorrect || code == .pinLocked, !takesPIN(function) {
            // No PIN was given that could have been wrong, and none is to be thought rejected.
            (code, message) = (.backendFailure, "the PKCS#11 module failed")
        }
        let native = NativeError(
            domain: "PKCS#11", function: String(describing: function), name: ReturnValueName.of(value),
            number: Int64(clamping: value))
        return KeyStoreError(code, message, operation: operation, native: native)
    }

    private static func takesPIN(_ function: StaticString) -> Bool {
        ["C_Login", "C_LoginUser", "C_SetPIN", "C_InitPIN", "C_InitToken"].contains(String(describing: function))
    }

    private static func meaning(of value: CK_RV) -> (Code, String) {
        switch value {
        case CK_RV(CKR_PIN_INCORRECT), CK_RV(CKR_PIN_INVALID), CK_RV(CKR_PIN_LEN_RANGE):
            (.pinIncorrect, "the token did not accept the PIN, and may have counted the attempt")
        case CK_RV(CKR_PIN_LOCKED): (.pinLocked, "the token accepts no PIN any more; its PIN must be unblocked")
        case CK_RV(CKR_PIN_EXPIRED): (.policyRefused, "the token's PIN has expired and must be changed")
        case CK_RV(CKR_USER_PIN_NOT_INITIALIZED):
            (.policyRefused, "no user PIN has been set on the token; its security officer must set one")
        case CK_RV(CKR_USER_NOT_LOGGED_IN): (.pinRequired, "the token wants a login for this")
        case CK_RV(CKR_USER_ANOTHER_ALREADY_LOGGED_IN):
            (.busy, "this process is logged in to the token as another user")
        case CK_RV(CKR_USER_TYPE_INVALID):
            (.policyRefused, "the token lets its security officer do this and not its user")
        case CK_RV(CKR_USER_TOO_MANY_TYPES): (.busy, "the token serves no further user now")
        case CK_RV(CKR_DEVICE_REMOVED), CK_RV(CKR_TOKEN_NOT_PRESENT), CK_RV(CKR_SLOT_ID_INVALID):
            (.tokenRemoved, "the token is not there any more")
        case CK_RV(CKR_SESSION_HANDLE_INVALID), CK_RV(CKR_SESSION_CLOSED):
            (.tokenRemoved, "the token has ended the session")
        case CK_RV(CKR_OBJECT_HANDLE_INVALID), CK_RV(CKR_KEY_HANDLE_INVALID), CK_RV(CKR_KEY_CHANGED):
            (.noSuchKey, "the object is not on the token any more")
        case CK_RV(CKR_SESSION_COUNT): (.busy, "the token has no session left")
        case CK_RV(CKR_SESSION_EXISTS), CK_RV(CKR_SESSION_READ_WRITE_SO_EXISTS), CK_RV(CKR_SESSION_READ_ONLY_EXISTS):
            (.busy, "another session on the token is in the way")
        case CK_RV(CKR_TOKEN_WRITE_PROTECTED): (.policyRefused, "the token is write protected")
        case CK_RV(CKR_SESSION_READ_ONLY): (.policyRefused, "the session may only read")
        case CK_RV(CKR_ACTION_PROHIBITED), CK_RV(CKR_ATTRIBUTE_READ_ONLY), CK_RV(CKR_ATTRIBUTE_SENSITIVE),
            CK_RV(CKR_KEY_UNEXTRACTABLE), CK_RV(CKR_FUNCTION_REJECTED):
            (.policyRefused, "the token does not permit this")
        case CK_RV(CKR_KEY_FUNCTION_NOT_PERMITTED): (.policyRefused, "the key may not be used for this")
        case CK_RV(CKR_MECHANISM_INVALID), CK_RV(CKR_MECHANISM_PARAM_INVALID), CK_RV(CKR_KEY_TYPE_INCONSISTENT),
            CK_RV(CKR_KEY_SIZE_RANGE), CK_RV(CKR_CURVE_NOT_SUPPORTED), CK_RV(CKR_DOMAIN_PARAMS_INVALID):
            (.unsupportedMechanism, "the token cannot do this with such a key")
        case CK_RV(CKR_FUNCTION_NOT_SUPPORTED): (.unsupportedOperation, "the module does not have this function")
        case CK_RV(CKR_FUNCTION_CANCELED), CK_RV(CKR_CANCEL): (.cancelled, "the operation was given up on the device")
        case CK_RV(CKR_DEVICE_MEMORY): (.writeFailed, "the token is full")
        case CK_RV(CKR_DATA_INVALID), CK_RV(CKR_DATA_LEN_RANGE): (.invalidData, "the token does not take these data")
        case CK_RV(CKR_TOKEN_NOT_RECOGNIZED):
            (.backendFailure, "the module does not recognise the token")
        default: (.backendFailure, "the PKCS#11 module failed")
        }
    }
}
