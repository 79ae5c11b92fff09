import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import Synchronization
import Testing

@testable import PKCS11KeyStore

/// What the state of a token's PIN does to a login. SoftHSM has none of these states, so that a scripted function list
/// stands in for it.
struct PINStateTests {
    private let host = TestHost(pin: "123456")
    private static let ready = CKF_USER_PIN_INITIALIZED

    private func provider(allowsLastTry: Bool = false) -> PINProvider {
        PINProvider(reference: nil, host: host, allowsLastTry: allowsLastTry, rejected: RejectedPINs())
    }

    @Test(
        arguments: [
            (ready | CKF_USER_PIN_LOCKED, KeyStoreError.Code.pinLocked),
            (ready | CKF_USER_PIN_TO_BE_CHANGED, .policyRefused),
            (ready | CKF_USER_PIN_FINAL_TRY, .pinLastTry), (0, .policyRefused),
        ] as [(CK_FLAGS, KeyStoreError.Code)])
    func noPINIsAskedForOrSentWhereItWouldDoHarm(flags: CK_FLAGS, code: KeyStoreError.Code) throws {
        let script = AlteredModule.Script(flags: flags)
        try AlteredModule.$script.withValue(script) {
            let connection = try AlteredModule.connection()
            #expect(try failure { try connection.logIn(1, provider()) }.code == code)
        }
        #expect(script.logins.withLock { $0 } == [])
        #expect(host.requests.isEmpty)
    }

    @Test func theLastTryIsMadeWhereItIsAllowed() throws {
        let script = AlteredModule.Script(flags: Self.ready | CKF_USER_PIN_FINAL_TRY)
        try AlteredModule.$script.withValue(script) {
            try AlteredModule.connection().logIn(1, provider(allowsLastTry: true))
        }
        #expect(script.logins.withLock { $0 } == [.init(user: 1, pin: Array("123456".utf8))])
    }

    @Test func aPINPadTakesThePINAndNobodyIsAsked() throws {
        let script = AlteredModule.Script(flags: CKF_PROTECTED_AUTHENTICATION_PATH)
        try AlteredModule.$script.withValue(script) { try AlteredModule.connection().logIn(1, provider()) }
        #expect(script.logins.withLock { $0 } == [.init(user: 1, pin: nil)])
        #expect(host.requests.isEmpty)
        guard case .pinPadAwaited? = host.notices.first, case .awaitedDone? = host.notices.last else {
            Issue.record("the person was not told: \(host.notices)")
            return
        }
    }

    @Test(
        arguments: [
            (CKF_USER_PIN_LOCKED, 0), (CKF_USER_PIN_FINAL_TRY, 1), (CKF_USER_PIN_COUNT_LOW, nil), (0, nil),
        ] as [(CK_FLAGS, Int?)])
    func aWrongPINSaysWhatTheTokensFlagsSay(flags: CK_FLAGS, triesLeft: Int?) throws {
        let script = AlteredModule.Script(
            flags: Self.ready, flagsAfterLogin: Self.ready | flags, loginResult: CKR_PIN_INCORRECT)
        try AlteredModule.$script.withValue(script) {
            let error = try failure { try AlteredModule.connection().logIn(1, provider()) }
            #expect(error.code == .pinIncorrect)
            #expect(error.triesLeft == triesLeft)
        }
    }

    @Test func aTokenThatWantsNoLoginIsSentNone() throws {
        let script = AlteredModule.Script(flags: 0, needsLogin: false)
        try AlteredModule.$script.withValue(script) { try AlteredModule.connection().logIn(1, provider()) }
        #expect(script.logins.withLock { $0 } == [])
        #expect(host.requests.isEmpty)
    }

    @Test func noPINIsSentToAnotherTokenOrAnEmptySlot() throws {
        let script = AlteredModule.Script(flags: Self.ready)
        try AlteredModule.$script.withValue(script) {
            let connection = try AlteredModule.connection()
            script.serial.withLock { $0 = UInt8(ascii: "2") }
            #expect(try failure { try connection.logIn(1, provider()) }.code == .identityChanged)
            script.isPresent.withLock { $0 = false }
            #expect(try failure { try connection.logIn(1, provider()) }.code == .tokenRemoved)
        }
        #expect(script.logins.withLock { $0 } == [])
        #expect(host.requests.isEmpty)
    }
}
