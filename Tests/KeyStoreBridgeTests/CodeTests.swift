import CKeyStore
import KeyStoreCore
import Testing

struct CodeTests {
    private static let numbers: [KeyStoreError.Code: Int32] = [
        .invalidURI: KEYSTORE_E_INVALID_URI, .noSuchBackend: KEYSTORE_E_NO_SUCH_BACKEND,
        .incompatibleBackend: KEYSTORE_E_INCOMPATIBLE_BACKEND, .untrustedLibrary: KEYSTORE_E_UNTRUSTED_LIBRARY,
        .noSuchToken: KEYSTORE_E_NO_SUCH_TOKEN, .ambiguousToken: KEYSTORE_E_AMBIGUOUS_TOKEN,
        .tokenRemoved: KEYSTORE_E_TOKEN_REMOVED, .identityChanged: KEYSTORE_E_IDENTITY_CHANGED,
        .noSuchKey: KEYSTORE_E_NO_SUCH_KEY, .ambiguousKey: KEYSTORE_E_AMBIGUOUS_KEY, .keyExists: KEYSTORE_E_KEY_EXISTS,
        .noSuchCertificate: KEYSTORE_E_NO_SUCH_CERTIFICATE, .pinRequired: KEYSTORE_E_PIN_REQUIRED,
        .pinIncorrect: KEYSTORE_E_PIN_INCORRECT, .pinLocked: KEYSTORE_E_PIN_LOCKED,
        .pinLastTry: KEYSTORE_E_PIN_LAST_TRY,
        .touchTimeout: KEYSTORE_E_TOUCH_TIMEOUT, .cancelled: KEYSTORE_E_CANCELLED, .timedOut: KEYSTORE_E_TIMED_OUT,
        .unsupportedMechanism: KEYSTORE_E_UNSUPPORTED_MECHANISM,
        .unsupportedOperation: KEYSTORE_E_UNSUPPORTED_OPERATION, .policyRefused: KEYSTORE_E_POLICY_REFUSED,
        .busy: KEYSTORE_E_BUSY, .invalidReply: KEYSTORE_E_INVALID_REPLY, .backendFailure: KEYSTORE_E_BACKEND_FAILURE,
        .invalidData: KEYSTORE_E_INVALID_DATA, .writeFailed: KEYSTORE_E_WRITE_FAILED,
    ]

    @Test func everyCodeHasTheNumberOfTheHeader() {
        for (code, number) in Self.numbers { #expect(code.rawValue == number, "\(code)") }
        #expect(Set(Self.numbers.keys) == KeyStoreError.Code.known)
    }

    @Test func everyFlagHasTheBitOfTheHeader() {
        #expect(TokenInfo.Flags.initialised.rawValue == KEYSTORE_TOKEN_INITIALISED)
        #expect(TokenInfo.Flags.loginRequired.rawValue == KEYSTORE_TOKEN_LOGIN_REQUIRED)
        #expect(TokenInfo.Flags.pinInitialised.rawValue == KEYSTORE_TOKEN_PIN_INITIALISED)
        #expect(TokenInfo.Flags.pinCountLow.rawValue == KEYSTORE_TOKEN_PIN_COUNT_LOW)
        #expect(TokenInfo.Flags.pinFinalTry.rawValue == KEYSTORE_TOKEN_PIN_FINAL_TRY)
        #expect(TokenInfo.Flags.pinLocked.rawValue == KEYSTORE_TOKEN_PIN_LOCKED)
        #expect(TokenInfo.Flags.pinToBeChanged.rawValue == KEYSTORE_TOKEN_PIN_TO_BE_CHANGED)
        #expect(TokenInfo.Flags.pinPad.rawValue == KEYSTORE_TOKEN_PIN_PAD)
        #expect(TokenInfo.Flags.writeProtected.rawValue == KEYSTORE_TOKEN_WRITE_PROTECTED)
        #expect(TokenInfo.Flags.pinDefault.rawValue == KEYSTORE_TOKEN_PIN_DEFAULT)
        #expect(TokenInfo.Flags.pukDefault.rawValue == KEYSTORE_TOKEN_PUK_DEFAULT)
        #expect(TokenInfo.Flags.managementKeyDefault.rawValue == KEYSTORE_TOKEN_MANAGEMENT_KEY_DEFAULT)
        #expect(TokenInfo.Flags.pukLocked.rawValue == KEYSTORE_TOKEN_PUK_LOCKED)
        #expect(PINPolicy.never.rawValue == UInt32(KEYSTORE_PIN_POLICY_NEVER))
        #expect(PINPolicy.once.rawValue == UInt32(KEYSTORE_PIN_POLICY_ONCE))
        #expect(PINPolicy.always.rawValue == UInt32(KEYSTORE_PIN_POLICY_ALWAYS))
        #expect(TouchPolicy.never.rawValue == UInt32(KEYSTORE_TOUCH_POLICY_NEVER))
        #expect(TouchPolicy.always.rawValue == UInt32(KEYSTORE_TOUCH_POLICY_ALWAYS))
        #expect(TouchPolicy.cached.rawValue == UInt32(KEYSTORE_TOUCH_POLICY_CACHED))
        #expect(TokenUser.user.rawValue == UInt32(KEYSTORE_USER))
        #expect(TokenUser.securityOfficer.rawValue == UInt32(KEYSTORE_SECURITY_OFFICER))
        #expect(TokenUser.puk.rawValue == UInt32(KEYSTORE_PUK))
        #expect(PINRequest.Kind.puk.rawValue == UInt32(KEYSTORE_SECRET_PUK))
        #expect(PINRequest.Kind.newPUK.rawValue == UInt32(KEYSTORE_SECRET_NEW_PUK))
        #expect(PINRequest.Kind.managementKey.rawValue == UInt32(KEYSTORE_SECRET_MANAGEMENT_KEY))
        #expect(PINRequest.Kind.newManagementKey.rawValue == UInt32(KEYSTORE_SECRET_NEW_MANAGEMENT_KEY))
        #expect(KeyProtection.login.rawValue == KEYSTORE_PROTECTION_LOGIN)
        #expect(KeyProtection.pinAlways.rawValue == KEYSTORE_PROTECTION_PIN_ALWAYS)
        #expect(KeyProtection.touch.rawValue == KEYSTORE_PROTECTION_TOUCH)
        #expect(KeyProtection.passphrase.rawValue == KEYSTORE_PROTECTION_PASSPHRASE)
        #expect(PINRequest.Kind.pin.rawValue == UInt32(KEYSTORE_SECRET_PIN))
        #expect(PINRequest.Kind.passphrase.rawValue == UInt32(KEYSTORE_SECRET_PASSPHRASE))
        #expect(PINRequest.Kind.newPassphrase.rawValue == UInt32(KEYSTORE_SECRET_NEW_PASSPHRASE))
        #expect(PINRequest.Kind.contextPIN.rawValue == UInt32(KEYSTORE_SECRET_CONTEXT_PIN))
        #expect(LibraryOrigin.reference.rawValue == UInt32(KEYSTORE_LIBRARY_FROM_REFERENCE))
        #expect(LibraryOrigin.option.rawValue == UInt32(KEYSTORE_LIBRARY_FROM_OPTION))
        #expect(LibraryOrigin.system.rawValue == UInt32(KEYSTORE_LIBRARY_FROM_SYSTEM))
    }
}
