import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// PINs that are wrong, locked, unset or wanted each time. The mock counts what is sent.
struct PINTests {
    @Test func aWrongPINIsSentOnceAndNeverAgain() throws {
        let open = try OpenMock(host: MockHost(pins: ["000000"]))
        for _ in 0..<3 { #expect(try failure { try open.key() }.code == .pinIncorrect) }
        #expect(open.module.value("C_Login") == 1)
        #expect(open.module.value("tries") == 2)
    }

    @Test func aWrongPINThatAReferenceGivesIsSentOnce() throws {
        let module = try MockModule()
        let host = MockHost(pins: [])
        let store = try PKCS11Backend(
            opening: OpenRequest(uri: try KeyStoreURI(module.uri() + "&pin-value=000000")), host: host)
        defer { store.close() }
        for _ in 0..<3 {
            let session = try store.openSession(SessionOptions(), host: host)
            defer { session.close() }
            #expect(
                try failure { try session.key(at: try KeyStoreURI(module.uri("object=key"))) }.code == .pinIncorrect)
        }
        #expect(module.value("C_Login") == 1)
    }

    @Test(arguments: [("on", true), ("off", false)])
    func aLoginThatOutlivesItsSessionsKeepsTheOfficerOut(ends: String, isFree: Bool) throws {
        let open = try OpenMock(
            script: "login-ends-with-sessions \(ends)",
            host: MockHost(others: [.securityOfficerPIN: "87654321", .newPIN: "222222"]))
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        open.session.close()
        if isFree {
            try open.store.setPIN(host: open.host)
        } else {
            #expect(try failure { try open.store.setPIN(host: open.host) }.code == .busy)
        }
        #expect(open.module.successes("C_InitPIN") == (isFree ? 1 : 0))
        #expect(open.module.value("so-tries") == 3)
    }

    @Test(
        arguments: [
            ("+CKF_USER_PIN_LOCKED", .pinLocked), ("+CKF_USER_PIN_FINAL_TRY", .pinLastTry),
            ("-CKF_USER_PIN_INITIALIZED", .policyRefused), ("-CKF_TOKEN_INITIALIZED", .noSuchToken),
        ] as [(String, KeyStoreError.Code)])
    func aTokenThatSaysItTakesNoPINIsSentNone(flag: String, code: KeyStoreError.Code) throws {
        let module = try MockModule("flags \(flag)")
        #expect(try failure { try OpenMock(module).key() }.code == code)
        #expect(module.value("C_Login") == 0)
    }

    @Test(arguments: ["-CKF_LOGIN_REQUIRED", "+CKF_USER_PIN_COUNT_LOW", "-CKF_RNG", "+CKF_SO_PIN_LOCKED"])
    func aFlagThatIsNotTrueOfTheTokenCostsNoTry(flag: String) throws {
        let module = try MockModule("flags \(flag)")
        let open = try OpenMock(module)
        do { _ = try open.key().sign(message) } catch { #expect(error is KeyStoreError) }
        #expect(module.value("wrong-pins") == 0 && module.value("tries") == 3)
    }

    @Test func anotherPINIsSentAfterAWrongOne() throws {
        let open = try OpenMock(host: MockHost(pins: ["000000", "123456"]))
        #expect(try failure { try open.key() }.code == .pinIncorrect)
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(open.module.value("C_Login") == 2)
        #expect(open.module.value("tries") == 3)
    }

    @Test func theErrorSaysWhenOneTryIsLeftAndTheLastIsNotMadeUnasked() throws {
        let open = try OpenMock(host: MockHost(pins: ["000000", "000001", "000002"]))
        let first = try failure { try open.key() }
        #expect(first.code == .pinIncorrect && first.triesLeft == nil)
        let second = try failure { try open.key() }
        #expect(second.code == .pinIncorrect && second.triesLeft == 1)
        let third = try failure { try open.key() }
        #expect(third.code == .pinLastTry && third.triesLeft == 1)
        #expect(open.module.value("C_Login") == 2)
        #expect(open.host.requests.map(\.countIsLow) == [false, true])
    }

    @Test func theLastTryLocksWhereItIsAllowedAndNothingIsSentAfterwards() throws {
        let module = try MockModule("tries 3 1")
        let open = try OpenMock(module, host: MockHost(pins: ["000000", "123456"]), allowsLastTry: true)
        let error = try failure { try open.key() }
        #expect(error.code == .pinIncorrect && error.triesLeft == 0)
        #expect(try failure { try open.key() }.code == .pinLocked)
        #expect(module.value("C_Login") == 1)
    }

    @Test func aTokenThatDoesNotShowItsTriesSaysThatItIsLocked() throws {
        let module = try MockModule("show-tries off\ntries 3 0")
        let open = try OpenMock(module, host: MockHost(pins: ["000000", "123456"]))
        #expect(try failure { try open.key() }.code == .pinLocked)
        #expect(module.value("C_Login") == 1)
    }

    @Test(
        arguments: [
            ("pin none", .policyRefused), ("pin-to-be-changed on", .policyRefused), ("tries 3 0", .pinLocked),
            ("tries 3 1", .pinLastTry), ("login officer", .busy),
        ] as [(String, KeyStoreError.Code)])
    func noPINIsSentWhereItWouldBeInVain(script: String, code: KeyStoreError.Code) throws {
        let open = try OpenMock(script: script)
        #expect(try failure { try open.key() }.code == code)
        #expect(open.module.value("wrong-pins") == 0)
        #expect(open.module.value("C_Login") <= (code == .busy ? 1 : 0))
    }

    @Test(
        arguments: [
            ("CKR_PIN_EXPIRED", .policyRefused), ("CKR_USER_PIN_NOT_INITIALIZED", .policyRefused),
            ("CKR_PIN_LOCKED", .pinLocked), ("CKR_PIN_LEN_RANGE", .pinIncorrect), ("CKR_PIN_INVALID", .pinIncorrect),
            ("CKR_FUNCTION_CANCELED", .cancelled), ("CKR_USER_ANOTHER_ALREADY_LOGGED_IN", .busy),
            ("CKR_USER_TOO_MANY_TYPES", .busy), ("CKR_DEVICE_ERROR", .backendFailure),
        ] as [(String, KeyStoreError.Code)])
    func whatALoginReturnsIsToldAndNotTriedAgain(result: String, code: KeyStoreError.Code) throws {
        let open = try OpenMock(script: "on C_Login 1 return \(result)")
        let error = try failure { try open.key() }
        #expect(error.code == code)
        #expect(error.native?.function == "C_Login")
        #expect(error.native?.name == result)
        #expect(open.module.value("C_Login") == 1)
    }

    @Test func somebodyElsesLoginInTheProcessIsUsed() throws {
        let open = try OpenMock(script: "login user")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(open.module.value("wrong-pins") == 0)
    }

    @Test func oneLoginCountsForAllStoresOfTheProcess() throws {
        let module = try MockModule()
        let (one, other) = (try OpenMock(module), try OpenMock(module))
        #expect(try one.key().signsValidly())
        #expect(try other.key().signsValidly())
        #expect(module.value("C_Login") == 1)
        #expect(one.host.requests.count + other.host.requests.count == 1)
    }

    @Test func aTokenThatWantsNoLoginIsSentNone() throws {
        let open = try OpenMock(script: "login-required off")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(open.module.value("C_Login") == 0)
    }

    // MARK: PIN pads

    @Test func aPINPadIsAnnouncedAndNoPINIsSent() throws {
        let open = try OpenMock(script: "pin-pad on")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(open.host.requests.isEmpty)
        #expect(open.module.violations == [])
        #expect(open.module.log.contains("C_Login CKR_OK user pad"))
        guard case .pinPadAwaited? = open.host.notices.first, case .awaitedDone? = open.host.notices.last else {
            Issue.record("the person was not told: \(open.host.notices)")
            return
        }
    }

    @Test(
        arguments: [
            ("CKR_PIN_INCORRECT", .pinIncorrect), ("CKR_FUNCTION_CANCELED", .cancelled), ("CKR_PIN_LOCKED", .pinLocked),
        ] as [(String, KeyStoreError.Code)])
    func whatHappensOnThePadIsTold(result: String, code: KeyStoreError.Code) throws {
        let open = try OpenMock(script: "pin-pad on \(result)")
        #expect(try failure { try open.key() }.code == code)
        #expect(open.module.value("C_Login") == 1)
        guard case .awaitedDone? = open.host.notices.last else {
            Issue.record("nobody said that the waiting is over")
            return
        }
    }

    // MARK: Keys that always authenticate

    private let always = "remove any\nkey P-256 label=key id=01 always-authenticate=yes"

    @Test func aKeyThatAlwaysAuthenticatesAsksForEachSignature() throws {
        let open = try OpenMock(script: always)
        let key = try open.key()
        #expect(key.info.protection.contains(.pinAlways))
        for _ in 0..<2 { #expect(try key.signsValidly(by: KnownKeys.first)) }
        #expect(open.host.requests.map(\.kind) == [.pin, .contextPIN, .contextPIN])
        #expect(open.module.log.filter { $0 == "C_Login CKR_OK context" }.count == 2)
    }

    @Test func aPINForASignatureAsksTheTokenOnceAndNothingElse() throws {
        let open = try OpenMock(script: always)
        let key = try open.key()
        #expect(try key.signsValidly(by: KnownKeys.first))
        let questions = ["C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo", "C_GetSessionInfo", "C_Login"]
        let before = questions.map(open.module.value)
        for _ in 0..<5 { #expect(try key.signsValidly(by: KnownKeys.first)) }
        #expect(zip(questions.map(open.module.value), before).map(-) == [0, 0, 5, 0, 5])
    }

    @Test func aPINForASignatureThatIsRejectedIsAskedAboutOnceMore() throws {
        let open = try OpenMock(script: "\(always)\ntries 3 2", host: MockHost(pins: ["000000"]))
        try open.module.run("login user")
        let key = try open.key()
        let questions = ["C_GetSlotInfo", "C_GetTokenInfo", "C_Login"]
        let before = questions.map(open.module.value)
        let error = try failure { try key.sign(message) }
        #expect(error.code == .pinIncorrect && error.triesLeft == 1)
        #expect(zip(questions.map(open.module.value), before).map(-) == [0, 2, 1])
    }

    @Test(
        arguments: [
            ("tries 3 0", .pinLocked), ("tries 3 1", .pinLastTry), ("pin-to-be-changed on", .policyRefused),
        ] as [(String, KeyStoreError.Code)])
    func aSignatureForWhichAPINWouldBeInVainIsSentNone(script: String, code: KeyStoreError.Code) throws {
        let open = try OpenMock(script: always)
        let key = try open.key()
        let sent = open.module.value("C_Login")
        try open.module.run(script)
        #expect(try failure { try key.sign(message) }.code == code)
        #expect(open.module.value("C_Login") == sent)
        #expect(open.host.requests.map(\.kind) == [.pin])
    }

    @Test func aWrongPINForASignatureIsSentOnceAndLeavesTheSessionUsable() throws {
        let open = try OpenMock(script: always, host: MockHost(pins: ["123456", "000000", "000000", "123456"]))
        let key = try open.key()
        #expect(try failure { try key.sign(message) }.code == .pinIncorrect)
        #expect(open.module.value("wrong-pins") == 1)
        #expect(try failure { try key.sign(message) }.code == .pinIncorrect)
        #expect(open.module.value("wrong-pins") == 1)
        #expect(try key.signsValidly(by: KnownKeys.first))
    }

    @Test func aKeyThatAlwaysAuthenticatesIsNotTriedAgainByItself() throws {
        let open = try OpenMock(script: always)
        let key = try open.key()
        try open.module.run("on C_Sign 1 return CKR_SESSION_HANDLE_INVALID")
        #expect(try failure { try key.sign(message) }.code == .tokenRemoved)
        #expect(open.host.requests.map(\.kind) == [.pin, .contextPIN])
        #expect(try key.signsValidly(by: KnownKeys.first))
    }

    @Test func aPadIsUsedForEachSignatureToo() throws {
        let open = try OpenMock(script: "\(always)\npin-pad on")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(open.host.requests.isEmpty)
        #expect(open.module.log.contains("C_Login CKR_OK context pad"))
    }
}
