import CP11Kit

/// The standard's names for the flags of a call or a structure; the same bit means something else in each.
struct FlagNames {
    private let names: [(bit: CK_FLAGS, name: String)]

    /// "CKF_SERIAL_SESSION | CKF_RW_SESSION"; bits without a name as one number.
    func text(_ flags: CK_FLAGS) -> String {
        var rest = flags
        var parts: [String] = []
        for (bit, name) in names where flags & bit != 0 {
            parts.append("CKF_" + name)
            rest &= ~bit
        }
        if rest != 0 || parts.isEmpty { parts.append("0x" + String(rest, radix: 16)) }
        return parts.joined(separator: " | ")
    }

    static let initialisation = FlagNames(names: [
        (CKF_LIBRARY_CANT_CREATE_OS_THREADS, "LIBRARY_CANT_CREATE_OS_THREADS"), (CKF_OS_LOCKING_OK, "OS_LOCKING_OK"),
    ])
    static let session = FlagNames(names: [
        (CKF_RW_SESSION, "RW_SESSION"), (CKF_SERIAL_SESSION, "SERIAL_SESSION"),
    ])
    static let slot = FlagNames(names: [
        (CKF_TOKEN_PRESENT, "TOKEN_PRESENT"), (CKF_REMOVABLE_DEVICE, "REMOVABLE_DEVICE"), (CKF_HW_SLOT, "HW_SLOT"),
    ])
    static let token = FlagNames(names: [
        (CKF_RNG, "RNG"), (CKF_WRITE_PROTECTED, "WRITE_PROTECTED"), (CKF_LOGIN_REQUIRED, "LOGIN_REQUIRED"),
        (CKF_USER_PIN_INITIALIZED, "USER_PIN_INITIALIZED"), (CKF_RESTORE_KEY_NOT_NEEDED, "RESTORE_KEY_NOT_NEEDED"),
        (CKF_CLOCK_ON_TOKEN, "CLOCK_ON_TOKEN"),
        (CKF_PROTECTED_AUTHENTICATION_PATH, "PROTECTED_AUTHENTICATION_PATH"),
        (CKF_DUAL_CRYPTO_OPERATIONS, "DUAL_CRYPTO_OPERATIONS"), (CKF_TOKEN_INITIALIZED, "TOKEN_INITIALIZED"),
        (CKF_SECONDARY_AUTHENTICATION, "SECONDARY_AUTHENTICATION"), (CKF_USER_PIN_COUNT_LOW, "USER_PIN_COUNT_LOW"),
        (CKF_USER_PIN_FINAL_TRY, "USER_PIN_FINAL_TRY"), (CKF_USER_PIN_LOCKED, "USER_PIN_LOCKED"),
        (CKF_USER_PIN_TO_BE_CHANGED, "USER_PIN_TO_BE_CHANGED"), (CKF_SO_PIN_COUNT_LOW, "SO_PIN_COUNT_LOW"),
        (CKF_SO_PIN_FINAL_TRY, "SO_PIN_FINAL_TRY"), (CKF_SO_PIN_LOCKED, "SO_PIN_LOCKED"),
        (CKF_SO_PIN_TO_BE_CHANGED, "SO_PIN_TO_BE_CHANGED"),
    ])
    static let mechanism = FlagNames(names: [
        (CKF_HW, "HW"), (CKF_ENCRYPT, "ENCRYPT"), (CKF_DECRYPT, "DECRYPT"), (CKF_DIGEST, "DIGEST"), (CKF_SIGN, "SIGN"),
        (CKF_VERIFY, "VERIFY"), (CKF_GENERATE, "GENERATE"), (CKF_GENERATE_KEY_PAIR, "GENERATE_KEY_PAIR"),
        (CKF_WRAP, "WRAP"), (CKF_UNWRAP, "UNWRAP"), (CKF_DERIVE, "DERIVE"),
    ])
}
