import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import Synchronization
import Testing

@testable import PKCS11KeyStore

/// What the state of a token's PINs does to its administration. SoftHSM has none of these states, so that a scripted function
/// list stands in for it.
struct SecurityOfficerTests {
    private static let ready = CKF_USER_PIN_INITIALIZED
    private let host = TestHost(
        pin: "123456", others: [.securityOfficerPIN: "87654321", .newPIN: "654321", .newSecurityOfficerPIN: "12345678"])

    private func administrator(allowsLastTry: Bool = false) throws -> TokenAdministrator {
        TokenAdministrator(
            connection: try AlteredModule.connection(),
            provider: PINProvider(reference: nil, host: host, allowsLastTry: allowsLastTry, rejected: RejectedPINs()))
    }

    @Test(
        arguments: [
            (CKF_SO_PIN_LOCKED, KeyStoreError.Code.pinLocked), (CKF_SO_PIN_TO_BE_CHANGED, .policyRefused),
            (CKF_SO_PIN_FINAL_TRY, .pinLastTry),
        ] as [(CK_FLAGS, KeyStoreError.Code)])
    func noPINOfTheOfficerIsAskedForOrSentWhereItWouldDoHarm(flags: CK_FLAGS, code: KeyStoreError.Code) throws {
        let script = AlteredModule.Script(flags: Self.ready | flags)
        try AlteredModule.$script.withValue(script) {
            let administrator = try administrator()
            #expect(try failure { try administrator.setPIN() }.code == code)
            guard code != .policyRefused else { return }
            #expect(try failure { try administrator.initialise(label: "x") }.code == code)
            #expect(try failure { try administrator.changeOfficerPIN() }.code == code)
        }
        #expect(script.logins.withLock { $0 } == [])
        #expect(script.administration.withLock { $0 } == [])
        #expect(host.requests.isEmpty)
    }

    @Test func thePINOfAnOfficerWhoMustChangeItIsChanged() throws {
        let script = AlteredModule.Script(flags: Self.ready | CKF_SO_PIN_TO_BE_CHANGED)
        try AlteredModule.$script.withValue(script) { try administrator().changeOfficerPIN() }
        #expect(script.logins.withLock { $0 } == [.init(user: 0, pin: Array("87654321".utf8))])
        #expect(
            script.administration.withLock { $0 } == [
                .init(function: "C_SetPIN", pins: [Array("87654321".utf8), Array("12345678".utf8)]),
                .init(function: "C_Logout", pins: []),
            ])
    }

    @Test func theLastTryIsMadeWhereItIsAllowed() throws {
        let script = AlteredModule.Script(flags: Self.ready | CKF_SO_PIN_FINAL_TRY)
        try AlteredModule.$script.withValue(script) { try administrator(allowsLastTry: true).setPIN() }
        #expect(script.logins.withLock { $0.count } == 1)
    }

    @Test func aUserPINThatMustBeChangedIsChangedWithoutALogin() throws {
        let script = AlteredModule.Script(flags: Self.ready | CKF_USER_PIN_TO_BE_CHANGED)
        try AlteredModule.$script.withValue(script) { try administrator().changeUserPIN() }
        #expect(script.logins.withLock { $0 } == [])
        #expect(
            script.administration.withLock { $0 } == [
                .init(function: "C_SetPIN", pins: [Array("123456".utf8), Array("654321".utf8)])
            ])
    }

    @Test func aTokenThatWantsALoginBeforeAChangeGetsOne() throws {
        let script = AlteredModule.Script(flags: Self.ready, administrationResult: CKR_USER_NOT_LOGGED_IN)
        try AlteredModule.$script.withValue(script) {
            // This one wants another one after the first, and gets none.
            let error = try failure { try administrator().changeUserPIN() }
            #expect(error.code == .pinRequired)
        }
        #expect(script.logins.withLock { $0 } == [.init(user: 1, pin: Array("123456".utf8))])
        #expect(script.administration.withLock { $0.map(\.function) } == ["C_SetPIN", "C_SetPIN", "C_Logout"])
    }

    @Test(
        arguments: [
            (ready | CKF_USER_PIN_LOCKED, KeyStoreError.Code.pinLocked), (ready | CKF_USER_PIN_FINAL_TRY, .pinLastTry),
            (0, .policyRefused),
        ] as [(CK_FLAGS, KeyStoreError.Code)])
    func noUserPINIsSentForAChangeWhereItWouldDoHarm(flags: CK_FLAGS, code: KeyStoreError.Code) throws {
        let script = AlteredModule.Script(flags: flags)
        try AlteredModule.$script.withValue(script) {
            let error = try failure { try administrator().changeUserPIN() }
            #expect(error.code == code)
        }
        #expect(script.administration.withLock { $0 } == [])
        #expect(host.requests.isEmpty)
    }

    @Test func aPINPadTakesAllPINsAndNobodyIsAsked() throws {
        let script = AlteredModule.Script(flags: Self.ready | CKF_PROTECTED_AUTHENTICATION_PATH)
        try AlteredModule.$script.withValue(script) {
            let administrator = try administrator()
            try administrator.setPIN()
            try administrator.changeUserPIN()
            try administrator.changeOfficerPIN()
        }
        #expect(script.logins.withLock { $0 } == [.init(user: 0, pin: nil), .init(user: 0, pin: nil)])
        #expect(
            script.administration.withLock { $0 } == [
                .init(function: "C_InitPIN", pins: [nil]), .init(function: "C_Logout", pins: []),
                .init(function: "C_SetPIN", pins: [nil, nil]), .init(function: "C_SetPIN", pins: [nil, nil]),
                .init(function: "C_Logout", pins: []),
            ])
        #expect(host.requests.isEmpty)
        let awaited = host.notices.filter { if case .pinPadAwaited = $0 { true } else { false } }
        #expect(awaited.count == 5 && host.notices.count == 10)
    }

    @Test(
        arguments: [
            (CKF_SO_PIN_LOCKED, 0), (CKF_SO_PIN_FINAL_TRY, 1), (CKF_SO_PIN_COUNT_LOW, nil), (0, nil),
        ] as [(CK_FLAGS, Int?)])
    func aWrongPINOfTheOfficerSaysWhatTheTokensFlagsSay(flags: CK_FLAGS, triesLeft: Int?) throws {
        let script = AlteredModule.Script(
            flags: Self.ready, flagsAfterLogin: Self.ready | flags, loginResult: CKR_PIN_INCORRECT)
        try AlteredModule.$script.withValue(script) {
            let error = try failure { try administrator().setPIN() }
            #expect(error.code == .pinIncorrect && error.triesLeft == triesLeft)
        }
        #expect(script.administration.withLock { $0 } == [])
    }

    @Test(arguments: [CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, 0x1C3])
    func aNewPINThatTheTokenFindsTooSimpleIsTheCallersToChange(result: CK_RV) throws {
        let script = AlteredModule.Script(flags: Self.ready, administrationResult: result)
        try AlteredModule.$script.withValue(script) {
            let administrator = try administrator()
            #expect(try failure { try administrator.setPIN() }.code == .invalidData)
            #expect(try failure { try administrator.changeUserPIN() }.code == .invalidData)
        }
    }
}
