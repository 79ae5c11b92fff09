import CP11Kit
import KeyStoreCore

/// What a failure says about the connection to the token. Modules use many words for a token that is gone, and the same
/// words for other things.
enum SessionLoss {
    /// The session is over, or the token not there.
    case certain
    /// The token has ended the login.
    case login
    /// An object's handle means nothing any more.
    case handle
    /// Perhaps: the word stands for a removed card with some modules, for anything with others.
    case suspected

    /// Nil for a failure that has other reasons.
    init?(_ error: KeyStoreError) {
        guard let native = error.native, native.domain == "PKCS#11" else { return nil }
        switch CK_RV(truncatingIfNeeded: native.number) {
        case CK_RV(CKR_DEVICE_REMOVED), CK_RV(CKR_TOKEN_NOT_PRESENT), CK_RV(CKR_TOKEN_NOT_RECOGNIZED),
            CK_RV(CKR_SLOT_ID_INVALID), CK_RV(CKR_SESSION_HANDLE_INVALID), CK_RV(CKR_SESSION_CLOSED),
            CK_RV(CKR_CRYPTOKI_NOT_INITIALIZED):
            self = .certain
        case CK_RV(CKR_USER_NOT_LOGGED_IN): self = .login
        case CK_RV(CKR_OBJECT_HANDLE_INVALID), CK_RV(CKR_KEY_HANDLE_INVALID): self = .handle
        case CK_RV(CKR_DEVICE_ERROR), CK_RV(CKR_GENERAL_ERROR): self = .suspected
        default: return nil
        }
    }
}
