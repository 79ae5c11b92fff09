import CP11Kit
import KeyStoreCore

/// What a token's flags say about its security officer's PIN.
enum SecurityOfficer {
    /// Nobody can set this PIN anew.
    static let locked = "the security officer's PIN of the token is locked; only what its maker offers can help"

    /// Throws where the PIN must not be sent. `changes` says that it is sent in order to be changed.
    static func demandTry(_ token: Slot.Token, allowsLastTry: Bool, changes: Bool) throws(KeyStoreError) {
        if token.flags & CKF_SO_PIN_LOCKED != 0 {
            throw KeyStoreError(.pinLocked, locked)
        }
        if token.flags & CKF_SO_PIN_TO_BE_CHANGED != 0, !changes {
            throw KeyStoreError(
                .policyRefused, "the security officer must change the PIN of the token before using it")
        }
        if token.flags & CKF_SO_PIN_FINAL_TRY != 0, !allowsLastTry {
            throw KeyStoreError(
                .pinLastTry, "a wrong PIN of the security officer now would lock it; no PIN was sent", triesLeft: 1)
        }
    }

    /// What a rejected PIN has come to, by the flags that the token has afterwards.
    static func rejection(_ error: KeyStoreError, _ flags: CK_FLAGS?) -> KeyStoreError {
        var error = error
        error.message = "the token did not accept the security officer's PIN, and may have counted the attempt"
        guard let flags else { return error }
        if flags & CKF_SO_PIN_LOCKED != 0 {
            error.message += "; it is locked now"
            error.triesLeft = 0
        } else if flags & CKF_SO_PIN_FINAL_TRY != 0 {
            error.message += "; one more wrong PIN locks it"
            error.triesLeft = 1
        } else if flags & CKF_SO_PIN_COUNT_LOW != 0 {
            error.message += "; few tries are left"
        }
        return error
    }
}
