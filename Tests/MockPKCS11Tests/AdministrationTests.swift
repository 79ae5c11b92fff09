import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// Looking after a token that fails, counts, or has a pad.
struct AdministrationTests {
    @Test(arguments: AdministrationSweep.functions)
    func noFailureCostsASecondTryOrLeavesSomebodyLoggedIn(function: String) throws {
        let sweep = AdministrationSweep(module: try MockModule())
        var problems: [String] = []
        for action in AdministrationSweep.Action.allCases {
            for result in AdministrationSweep.results {
                // Who changes a PIN and then asks for a login with the old one is beyond help.
                let orders = function == "C_SetPIN" && result == "CKR_USER_NOT_LOGGED_IN" ? [false] : [false, true]
                for after in orders {
                    problems += try sweep.problems(action, function, result, after: after)
                }
            }
        }
        #expect(problems.isEmpty, "\(problems.count):\n\(problems.prefix(12).joined(separator: "\n"))")
    }

    private func store(_ module: MockModule, _ host: MockHost) throws -> PKCS11Backend {
        try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(module.uri())), host: host)
    }

    @Test func aLockedPINIsUnblockedAndTheKeysStay() throws {
        let module = try MockModule("tries 3 0")
        let host = MockHost(pins: ["222222"], others: [.securityOfficerPIN: "87654321", .newPIN: "222222"])
        do {
            let store = try store(module, host)
            defer { store.close() }
            try store.unblockPIN(host: host)
        }
        #expect(try OpenMock(module, host: host).list().map(\.label) == ["key"])
        let open = try OpenMock(module, host: host)
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(module.value("wrong-pins") == 0)
    }

    @Test func theOfficersTriesAreCountedToldAndTheLastIsNotMade() throws {
        let module = try MockModule()
        let expected: [(KeyStoreError.Code, Int?)] = [(.pinIncorrect, nil), (.pinIncorrect, 1), (.pinLastTry, 1)]
        for (index, (code, triesLeft)) in expected.enumerated() {
            let host = MockHost(others: [.securityOfficerPIN: "0000000\(index)", .newPIN: "222222"])
            let store = try store(module, host)
            defer { store.close() }
            let error = try failure { try store.setPIN(host: host) }
            #expect(error.code == code && error.triesLeft == triesLeft, "\(error)")
        }
        #expect(module.value("C_Login") == 2)
        #expect(module.value("so-tries") == 1)
        #expect(module.value("tries") == 3)
    }

    @Test func aRejectedPINOfTheOfficerIsNotSentAgainByTheSameStore() throws {
        let module = try MockModule()
        let host = MockHost(others: [.securityOfficerPIN: "00000000", .newPIN: "222222"])
        let store = try store(module, host)
        defer { store.close() }
        for _ in 0..<3 { #expect(try failure { try store.setPIN(host: host) }.code == .pinIncorrect) }
        #expect(module.value("C_Login") == 1)
    }

    @Test func aPadTakesEveryPIN() throws {
        let module = try MockModule("pin-pad on")
        let host = MockHost(pins: [])
        let store = try store(module, host)
        defer { store.close() }
        try store.setPIN(host: host)
        try store.changePIN(of: .user, host: host)
        #expect(host.requests.isEmpty)
        #expect(module.violations == [])
    }

    @Test func anotherTokenInTheSlotIsNotAdministered() throws {
        let module = try MockModule()
        let host = MockHost(others: [.securityOfficerPIN: "87654321", .newPIN: "222222"])
        let store = try PKCS11Backend(
            opening: OpenRequest(uri: try KeyStoreURI(module.uri("serial=0000000000000001"))), host: host)
        defer { store.close() }
        try module.run("serial 0000000000000002")
        #expect(try failure { try store.setPIN(host: host) }.code == .noSuchToken)
        #expect(module.value("C_Login") == 0)
    }

    @Test func aTokenThatIsExchangedAfterTheLoginIsNotAdministered() throws {
        let module = try MockModule()
        let host = MockHost(others: [
            .securityOfficerPIN: "87654321", .newSecurityOfficerPIN: "11111111", .newPIN: "222222",
        ])
        let exchange = ["vanish", "serial 0000000000000002", "appear"].map { "after C_Login 1 \($0)" }
        for action in AdministrationSweep.Action.allCases where action != .initialise {
            try module.run("reset\n\(exchange.joined(separator: "\n"))")
            let store = try store(module, host)
            defer { store.close() }
            let error = try failure { try AdministrationSweep.perform(action, store, host) }
            #expect(error.code == .tokenRemoved || error.code == .backendFailure, "\(action): \(error)")
            #expect(module.value("C_Login") == 1)
            #expect(module.successes("C_InitPIN") == 0 && module.successes("C_SetPIN") == 0)
            #expect(module.value("tries") == 3 && module.value("so-tries") == 3)
        }
    }

    @Test func aTokenThatIsInitialisedHasANewLabelAndNoKeys() throws {
        let module = try MockModule("token-initialised off\nso-pin none\npin none\nremove any")
        let host = MockHost(others: [
            .newSecurityOfficerPIN: "11111111", .securityOfficerPIN: "11111111", .newPIN: "222222",
        ])
        let store = try PKCS11Backend(
            opening: OpenRequest(uri: try KeyStoreURI(module.uri("slot-id=1"))), host: host)
        defer { store.close() }
        #expect(try store.initialiseToken(label: "new", host: host).label == "new")
        try store.setPIN(host: host)
        #expect(module.value("objects") == 0)
        #expect(host.requests.map(\.kind) == [.newSecurityOfficerPIN, .securityOfficerPIN, .newPIN])
    }
}
