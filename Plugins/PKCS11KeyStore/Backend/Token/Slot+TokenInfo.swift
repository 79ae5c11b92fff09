import CP11Kit
import KeyStoreCore

extension Slot {
    /// The token as callers see it.
    func tokenInfo() throws(KeyStoreError) -> TokenInfo {
        func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }
        return TokenInfo(
            uri: try uri().normalForm(), label: text(token?.label), manufacturer: text(token?.manufacturer),
            model: text(token?.model), serial: text(token?.serial),
            location: "\(text(slotDescription)) (slot \(id))", flags: tokenFlags)
    }

    /// Selects this token: by what it says of itself, or an uninitialised or empty one by its slot.
    func uri() throws(KeyStoreError) -> PKCS11URI {
        var path: [PathAttribute: [UInt8]] = [:]
        if let token, token.isInitialised {
            // References hold text (RFC 7512 §2.3); what is none is left out where the serial number names the token.
            if token.label.isUTF8 || token.serial.isEmpty { path[.token] = token.label }
            if !token.model.isEmpty, token.model.isUTF8 { path[.model] = token.model }
            if !token.serial.isEmpty { path[.serial] = token.serial }
        } else {
            path[.slotID] = Array(String(id).utf8)
        }
        return PKCS11URI(path: path, modulePath: modulePath)
    }

    /// The path that a reference must name so that this module is found again; nil where the system's configuration does.
    var modulePath: String? { module.isConfigured ? nil : module.path }

    private var tokenFlags: TokenInfo.Flags {
        guard let flags = token?.flags else { return [] }
        let pairs: [(CK_FLAGS, TokenInfo.Flags)] = [
            (CKF_TOKEN_INITIALIZED, .initialised), (CKF_LOGIN_REQUIRED, .loginRequired),
            (CKF_USER_PIN_INITIALIZED, .pinInitialised), (CKF_USER_PIN_COUNT_LOW, .pinCountLow),
            (CKF_USER_PIN_FINAL_TRY, .pinFinalTry), (CKF_USER_PIN_LOCKED, .pinLocked),
            (CKF_USER_PIN_TO_BE_CHANGED, .pinToBeChanged), (CKF_PROTECTED_AUTHENTICATION_PATH, .pinPad),
            (CKF_WRITE_PROTECTED, .writeProtected),
        ]
        return TokenInfo.Flags(pairs.filter { flags & $0.0 != 0 }.map(\.1))
    }
}
