import KeyStoreCore
import KeyStorePlugin
import Testing

@testable import PKCS11KeyStore

/// What the state of a token's PINs does to its administration, and it to them.
struct AdministrationTests {
    private static let (user, officer, new) = ("123456", "87654321", "778899")

    private func open(
        _ script: String = "", _ host: MockHost, allowsLastTry: Bool = false
    ) throws -> (MockModule, PKCS11Backend) {
        let module = try MockModule(script)
        return (
            module,
            try PKCS11Backend(
                opening: OpenRequest(uri: try KeyStoreURI(module.uri()), allowsLastTry: allowsLastTry), host: host)
        )
    }

    private func logsIn(_ store: PKCS11Backend, _ pin: String) throws -> Bool {
        let host = MockHost(pins: [pin])
        do throws(KeyStoreError) {
            try store.openSession(SessionOptions(login: .atOnce), host: host).close()
            return true
        } catch {
            guard error.code == .pinIncorrect else { throw error }
            return false
        }
    }

    @Test func aLockedPINIsUnblockedWithoutAWord() throws {
        let host = MockHost(pins: [Self.officer, Self.new])
        let (module, store) = try open("tries 3 0", host)
        defer { store.close() }
        try store.unblockPIN(host: host)
        #expect(host.notices.isEmpty)
        #expect(try logsIn(store, Self.new))
        #expect(module.value("wrong-pins") == 0 && module.violations == [])
    }

    @Test func aWrongPINOfTheOfficerCountsOnce() throws {
        let host = MockHost(pins: ["00000000", Self.new])
        let (module, store) = try open("so-tries 3", host)
        defer { store.close() }
        let error = try failure { try store.setPIN(host: host) }
        #expect(error.code == .pinIncorrect)
        #expect(error.message.contains("few tries are left"))
        #expect(module.value("so-tries") == 2)
        #expect(module.value("repeated-wrong-pins") == 0)
    }

    @Test func theOfficersLastTryIsNotMadeUnlessItIsAllowed() throws {
        let host = MockHost(pins: ["00000000", Self.new])
        let (module, store) = try open("so-tries 3 1", host)
        defer { store.close() }
        #expect(try failure { try store.setPIN(host: host) }.code == .pinLastTry)
        #expect(host.requests.isEmpty && module.value("so-tries") == 1)
        let (locked, allowing) = try open("so-tries 3 1", host, allowsLastTry: true)
        defer { allowing.close() }
        let error = try failure { try allowing.setPIN(host: host) }
        #expect(error.code == .pinIncorrect && error.triesLeft == 0)
        #expect(locked.value("so-tries") == 0)
        #expect(try failure { try allowing.setPIN(host: MockHost(pins: [Self.officer])) }.code == .pinLocked)
    }

    @Test func aPINThatMustBeChangedIsChangedAndThenLogsIn() throws {
        let host = MockHost(pins: [Self.user, Self.new])
        let (module, store) = try open("pin-to-be-changed on", host)
        defer { store.close() }
        #expect(try failure { try logsIn(store, Self.user) }.code == .policyRefused)
        try store.changePIN(of: .user, host: host)
        #expect(try logsIn(store, Self.new))
        #expect(module.value("wrong-pins") == 0)
    }

    @Test func aTokenWithoutAPINGetsOne() throws {
        let host = MockHost(pins: [Self.officer, Self.new])
        let (_, store) = try open("pin none", host)
        defer { store.close() }
        #expect(try failure { try store.changePIN(of: .user, host: host) }.code == .policyRefused)
        try store.setPIN(host: host)
        #expect(try logsIn(store, Self.new))
    }

    @Test func aTokenThatCountsAWrongOldPINIsSentItOnce() throws {
        let host = MockHost(pins: ["000000", Self.new, "000000", Self.new])
        let (module, store) = try open("", host)
        defer { store.close() }
        for _ in 0..<2 {
            #expect(try failure { try store.changePIN(of: .user, host: host) }.code == .pinIncorrect)
        }
        #expect(module.value("tries") == 2 && module.value("wrong-pins") == 1)
    }

    @Test func nobodyIsLoggedInAfterwards() throws {
        let host = MockHost(pins: [Self.officer, Self.new])
        let (module, store) = try open("", host)
        defer { store.close() }
        try store.setPIN(host: host)
        #expect(module.value("login") == 0 && module.value("sessions") == 0)
        #expect(module.value("C_Logout") == 1)
    }

    @Test func aFailureOfTheNewPINLogsTheOfficerOutToo() throws {
        let host = MockHost(pins: [Self.officer, Self.new])
        let (module, store) = try open("on C_InitPIN 1 return CKR_PIN_INVALID", host)
        defer { store.close() }
        #expect(try failure { try store.setPIN(host: host) }.code == .invalidData)
        #expect(module.value("C_Logout") == 1 && module.value("sessions") == 0)
    }

    @Test(arguments: ["C_InitToken", "C_InitPIN", "C_SetPIN"])
    func aModuleWithoutTheFunctionSaysSo(function: String) throws {
        let host = MockHost(pins: [Self.officer])
        let (_, store) = try open("lack \(function)", host)
        defer { store.close() }
        let error = try failure {
            switch function {
            case "C_InitToken": _ = try store.initialiseToken(label: "x", host: host)
            case "C_InitPIN": try store.setPIN(host: host)
            default: try store.changePIN(of: .securityOfficer, host: host)
            }
        }
        #expect(error.code == .unsupportedOperation)
    }

    @Test func aTokenThatVanishesMeanwhileIsGone() throws {
        let host = MockHost(pins: [Self.officer, Self.new])
        let (_, store) = try open("on C_InitPIN 1 vanish CKR_DEVICE_REMOVED", host)
        defer { store.close() }
        #expect(try failure { try store.setPIN(host: host) }.code == .tokenRemoved)
    }

    @Test func aTokenIsInitialisedByItsOwnOfficerOnly() throws {
        let host = MockHost(pins: [Self.officer])
        let (module, store) = try open("", host)
        defer { store.close() }
        #expect(
            try failure { try store.initialiseToken(label: "new", host: MockHost(pins: ["1"])) }.code == .pinIncorrect)
        #expect(module.value("objects") > 0)
        let token = try store.initialiseToken(label: "new", host: host)
        #expect(token.label == "new" && !token.flags.contains(.pinInitialised))
        #expect(module.value("objects") == 0)
    }
}
