import CP11Kit
import ChildProcess
import KeyStoreCore
import KeyStorePlugin
import SoftHSMTokens
import Testing

@testable import PKCS11KeyStore

/// Making tokens ready and looking after their PINs, judged by OpenSC's tool.
@Suite(.serialized)
struct AdministrationTests {
    private static let officerPIN = "87654321"
    private let module: SeparateSoftHSM

    init() throws { module = try SeparateSoftHSM() }

    private func host(
        pin: String = "123456", new: String = "654321", officer: String = officerPIN, newOfficer: String = officerPIN,
        traces: Bool = false
    ) -> TestHost {
        TestHost(
            others: [
                .pin: pin, .newPIN: new, .securityOfficerPIN: officer, .newSecurityOfficerPIN: newOfficer,
            ], traces: traces)
    }

    /// A store on the module's only token, which is initialised and has the user PIN "123456".
    private func openReady(_ host: TestHost) throws -> PKCS11Backend {
        let maker = self.host(new: "123456")
        let store = try module.open("pkcs11:?module-path=\(module.modulePath)", host: maker)
        defer { store.close() }
        let token = try store.initialiseToken(label: "ready", host: maker)
        let ready = try PKCS11Backend(opening: OpenRequest(uri: token.uri), host: host)
        try ready.setPIN(host: maker)
        return ready
    }

    private func toolLogsIn(_ label: String, _ pin: String) throws -> Bool {
        try Tool.run(
            ["pkcs11-tool", "--module", module.modulePath, "--token-label", label, "--login", "--pin", pin, "-O"],
            softHSMConfiguration: module.configuration
        ).status == 0
    }

    private func toolLogsInAsOfficer(_ label: String, _ pin: String) throws -> Bool {
        try Tool.run(
            [
                "pkcs11-tool", "--module", module.modulePath, "--token-label", label, "--login", "--login-type", "so",
                "--so-pin", pin, "--init-pin", "--new-pin", "123456",
            ], softHSMConfiguration: module.configuration
        ).status == 0
    }

    // MARK: Initialising

    @Test func aNewTokenIsFoundUnderItsLabel() throws {
        let host = host()
        let store = try module.open("pkcs11:?module-path=\(module.modulePath)", host: host)
        defer { store.close() }
        let token = try store.initialiseToken(label: "Schlüssel 1", host: host)
        #expect(token.label == "Schlüssel 1")
        #expect(token.flags.contains(.initialised) && !token.flags.contains(.pinInitialised))
        #expect(host.requests.map(\.kind) == [.newSecurityOfficerPIN])
        let listing = try Tool.succeed(
            ["pkcs11-tool", "--module", module.modulePath, "-L"], softHSMConfiguration: module.configuration)
        #expect(listing.contains("Schlüssel 1") && listing.contains(token.serial))
    }

    @Test func aTokenThatIsInitialisedAgainHasNothingOnIt() throws {
        let host = host()
        let store = try openReady(host)
        defer { store.close() }
        let session = try store.openSession(SessionOptions(isWritable: true, login: .atOnce), host: host)
        _ = try session.generateKey(.ecP256, at: try KeyStoreURI("pkcs11:object=lost"))
        session.close()
        let before = host.requests.count
        let token = try store.initialiseToken(label: "again", host: host)
        #expect(host.requests[before...].map(\.kind) == [.securityOfficerPIN])
        #expect(token.label == "again" && !token.flags.contains(.pinInitialised))
        #expect(try !toolLogsIn("again", "123456"))
    }

    @Test func aWrongPINOfTheOfficerInitialisesNothing() throws {
        let host = host(officer: "00000000", traces: true)
        let store = try openReady(host)
        defer { store.close() }
        for _ in 0..<2 {
            let error = try failure { try store.initialiseToken(label: "again", host: host) }
            #expect(error.code == .pinIncorrect)
        }
        #expect(host.lines.filter { $0.contains("C_InitToken = CKR_PIN_INCORRECT") }.count == 1)
        #expect(try toolLogsIn("ready", "123456"))
    }

    @Test(arguments: ["", "   ", String(repeating: "x", count: 33), String(repeating: "ä", count: 17), "a\0b"])
    func aLabelThatNoTokenHasIsRefusedBeforeAPINIsAskedFor(label: String) throws {
        let host = host()
        let store = try module.open("pkcs11:?module-path=\(module.modulePath)", host: host)
        defer { store.close() }
        #expect(try failure { try store.initialiseToken(label: label, host: host) }.code == .invalidData)
        #expect(host.requests.isEmpty)
    }

    @Test func aLabelMayFillItsField() throws {
        let host = host()
        let label = String(repeating: "ü", count: 16)
        let store = try module.open("pkcs11:?module-path=\(module.modulePath)", host: host)
        defer { store.close() }
        #expect(try store.initialiseToken(label: label, host: host).label == label)
    }

    @Test func amongSeveralTokensNoneIsChosen() throws {
        let host = host()
        let first = try module.open("pkcs11:?module-path=\(module.modulePath)", host: host)
        defer { first.close() }
        _ = try first.initialiseToken(label: "one", host: host)
        // SoftHSM shows another new token beside the one that was used.
        let error = try failure { try first.initialiseToken(label: "two", host: host) }
        #expect(error.code == .ambiguousToken)
        #expect(error.message.contains("slot-id="), "\(error)")
    }

    // MARK: PINs

    @Test func theOfficerSetsTheUserPIN() throws {
        let host = host(new: "778899")
        let store = try openReady(host)
        defer { store.close() }
        try store.setPIN(host: host)
        #expect(host.requests.map(\.kind) == [.securityOfficerPIN, .newPIN])
        #expect(try toolLogsIn("ready", "778899"))
        #expect(try !toolLogsIn("ready", "123456"))
    }

    @Test func aWrongPINOfTheOfficerIsSentOnce() throws {
        let host = host(officer: "00000000", traces: true)
        let store = try openReady(host)
        defer { store.close() }
        let before = host.lines.count
        let error = try failure { try store.setPIN(host: host) }
        #expect(error.code == .pinIncorrect)
        #expect(error.message.contains("security officer"))
        #expect(try failure { try store.setPIN(host: host) }.code == .pinIncorrect)
        #expect(host.lines[before...].filter { $0.contains("C_Login = ") }.count == 1)
        #expect(try toolLogsIn("ready", "123456"))
    }

    @Test func theUserChangesThePIN() throws {
        let host = host(new: "778899")
        let store = try openReady(host)
        defer { store.close() }
        try store.changePIN(of: .user, host: host)
        #expect(host.requests.map(\.kind) == [.pin, .newPIN])
        #expect(try toolLogsIn("ready", "778899"))
    }

    @Test func aWrongOldPINIsSentOnceAndChangesNothing() throws {
        let host = host(pin: "000000", new: "778899", traces: true)
        let store = try openReady(host)
        defer { store.close() }
        let before = host.lines.count
        for _ in 0..<2 {
            #expect(try failure { try store.changePIN(of: .user, host: host) }.code == .pinIncorrect)
        }
        #expect(host.lines[before...].filter { $0.contains("C_SetPIN = ") || $0.contains("C_Login = ") }.count == 1)
        #expect(try toolLogsIn("ready", "123456"))
    }

    @Test func theOfficerChangesTheirOwnPIN() throws {
        let host = host(newOfficer: "12121212")
        let store = try openReady(host)
        defer { store.close() }
        try store.changePIN(of: .securityOfficer, host: host)
        #expect(host.requests.map(\.kind) == [.securityOfficerPIN, .newSecurityOfficerPIN])
        #expect(try toolLogsInAsOfficer("ready", "12121212"))
        #expect(try !toolLogsInAsOfficer("ready", Self.officerPIN))
    }

    @Test func aPINThatIsNotLockedIsUnblockedAllTheSameAndThatIsSaid() throws {
        let host = host(new: "778899")
        let store = try openReady(host)
        defer { store.close() }
        try store.unblockPIN(host: host)
        #expect(host.notices.count == 1)
        #expect(try toolLogsIn("ready", "778899"))
    }

    @Test(arguments: ["123", String(repeating: "1", count: 256)])
    func aNewPINOfTheWrongLengthIsRefusedBeforeAnythingIsSent(new: String) throws {
        let host = host(new: new, newOfficer: new, traces: true)
        let store = try openReady(host)
        defer { store.close() }
        let before = host.lines.count
        let errors = [
            try failure { try store.setPIN(host: host) },
            try failure { try store.changePIN(of: .user, host: host) },
            try failure { try store.changePIN(of: .securityOfficer, host: host) },
        ]
        #expect(errors.allSatisfy { $0.code == .invalidData && $0.message.contains("4 to 255 bytes") })
        #expect(!host.lines[before...].contains { $0.contains("C_Login") || $0.contains("C_SetPIN") })
    }

    @Test func aPINThatWasRejectedIsTakenWhenItHasBecomeTheRightOne() throws {
        let wrong = host(pin: "778899")
        let store = try openReady(wrong)
        defer { store.close() }
        let login = SessionOptions(login: .atOnce)
        #expect(try failure { try store.openSession(login, host: wrong) }.code == .pinIncorrect)
        try store.changePIN(of: .user, host: host(new: "778899"))
        try store.openSession(login, host: wrong).close()
    }

    // MARK: Who is in the way

    @Test func aSessionOfThisProgramIsInTheWay() throws {
        let host = host(new: "778899")
        let store = try openReady(host)
        defer { store.close() }
        let session = try store.openSession(SessionOptions(login: .atOnce), host: host)
        let errors = [
            try failure { try store.initialiseToken(label: "again", host: host) },
            try failure { try store.setPIN(host: host) }, try failure { try store.changePIN(of: .user, host: host) },
        ]
        #expect(errors.allSatisfy { $0.code == .busy && $0.message.contains("close it first") })
        session.close()
        // The sessions that were kept for reuse, and the login with them, are nobody's.
        try store.setPIN(host: host)
        #expect(try toolLogsIn("ready", "778899"))
    }

    @Test func somebodyElsesLoginIsInTheWay() throws {
        let host = host()
        let store = try openReady(host)
        defer { store.close() }
        let functions = try ModuleLibrary.load(module.modulePath).pointee
        let slot = try store.onlyToken().id
        var (session, pin) = (CK_SESSION_HANDLE(0), Array("123456".utf8))
        #expect(functions.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nil, nil, &session) == CKR_OK)
        #expect(functions.C_Login(session, CK_USER_TYPE(CKU_USER), &pin, CK_ULONG(pin.count)) == CKR_OK)
        let errors = [
            try failure { try store.setPIN(host: host) },
            try failure { try store.initialiseToken(label: "again", host: host) },
        ]
        #expect(errors.allSatisfy { $0.code == .busy && $0.message.contains("program") }, "\(errors)")
        #expect(functions.C_CloseSession(session) == CKR_OK)
    }

    @Test func nobodyIsLeftLoggedInAsTheOfficer() throws {
        let host = host()
        let store = try openReady(host)
        defer { store.close() }
        try store.setPIN(host: self.host(new: "123456"))
        try store.openSession(SessionOptions(login: .atOnce), host: host).close()
    }
}
