import KeyStoreCore
import KeyStorePlugin
import Testing
import VirtualYubiKey

/// PIN, PUK, management key, retries and reset.
@Suite(.serialized)
struct AdministrationTests {
    @Test func aChangedPINIsTheOneThatLogsIn() throws {
        let bench = try Bench(serial: 3001)
        bench.host.answers[.newPIN] = "135791"
        try bench.store().changePIN(of: .user, host: bench.host)
        try failure { try bench.session(login: .atOnce) }.expect(.pinIncorrect)
        bench.host.answers[.pin] = "135791"
        try bench.session(login: .atOnce).close()
        #expect(bench.key.pinTriesLeft == 3)
    }

    @Test func aWrongOldPINCostsOneTryAndIsNotSentAgain() throws {
        let bench = try Bench(serial: 3002)
        bench.host.answers[.pin] = "999999"
        bench.host.answers[.newPIN] = "135791"
        for _ in 0..<2 {
            try failure { try bench.store().changePIN(of: .user, host: bench.host) }.expect(.pinIncorrect)
        }
        #expect(bench.key.pinTriesLeft == 2)
    }

    @Test(arguments: ["12345", "123456789", ""])
    func aNewPINThatNoCardTakesIsRefusedBeforeTheOldOneIsSent(_ pin: String) throws {
        let bench = try Bench(serial: 3003)
        bench.host.answers[.newPIN] = pin
        let commands = try bench.commands {
            try failure { try bench.store().changePIN(of: .user, host: bench.host) }.expect(.invalidData)
        }
        #expect(!commands.contains { $0.hasPrefix("00 24") })
    }

    @Test func theOldPINIsTheLastTryOnlyWhereThatIsAllowed() throws {
        let bench = try Bench(serial: 3004)
        bench.key.setPIN("123456", tries: 1)
        bench.host.answers[.newPIN] = "135791"
        try failure { try bench.store().changePIN(of: .user, host: bench.host) }.expect(.pinLastTry)
        #expect(bench.host.requests.isEmpty)
        try bench.store(allowsLastTry: true).changePIN(of: .user, host: bench.host)
    }

    @Test func aLockedPINIsUnblockedWithThePUK() throws {
        let bench = try Bench(serial: 3005)
        bench.lockPIN()
        bench.host.answers[.newPIN] = "135791"
        try failure { try bench.session(login: .atOnce) }.expect(.pinLocked)
        try bench.store().unblockPIN(host: bench.host)
        bench.host.answers[.pin] = "135791"
        try bench.session(login: .atOnce).close()
    }

    @Test func aWrongPUKCostsOneTryOfItsOwn() throws {
        let bench = try Bench(serial: 3006)
        bench.host.answers[.puk] = "99999999"
        bench.host.answers[.newPIN] = "135791"
        let error = try failure { try bench.store().unblockPIN(host: bench.host) }
        error.expect(.pinIncorrect)
        #expect(error.triesLeft == 2 && bench.key.pukTriesLeft == 2 && bench.key.pinTriesLeft == 3)
    }

    @Test func aLockedPUKIsToldWithoutBeingSent() throws {
        let bench = try Bench(serial: 3007)
        bench.key.setPUK("12345678", tries: 0)
        bench.host.answers[.newPIN] = "135791"
        let error = try failure { try bench.store().unblockPIN(host: bench.host) }
        error.expect(.pinLocked)
        #expect(error.message.contains("PUK") && bench.host.requests.isEmpty)
    }

    @Test func aChangedPUKIsTheOneThatUnblocks() throws {
        let bench = try Bench(serial: 3008)
        bench.host.answers[.newPUK] = "24680246"
        bench.host.answers[.newPIN] = "135791"
        try bench.store().changePIN(of: .puk, host: bench.host)
        bench.host.answers[.puk] = "24680246"
        try bench.store().unblockPIN(host: bench.host)
        #expect(bench.key.pukTriesLeft == 3)
    }

    @Test func whatAPIVCardDoesNotHaveIsUnsupported() throws {
        let bench = try Bench()
        try failure { try bench.store().initialiseToken(label: "x", host: bench.host) }.expect(.unsupportedOperation)
        try failure { try bench.store().setPIN(host: bench.host) }.expect(.unsupportedOperation)
        try failure { try bench.store().changePIN(of: .securityOfficer, host: bench.host) }.expect(.unsupportedOperation)
    }

    @Test func retriesAreSetAndTheFactoryValuesThatComeWithItAreWarnedAbout() throws {
        let bench = try Bench(serial: 3009)
        bench.key.setPIN("777777")
        bench.host.answers[.pin] = "777777"
        try bench.store().setRetries(pinTries: 5, pukTries: 7, host: bench.host)
        #expect(bench.key.pinTriesLeft == 5 && bench.key.pukTriesLeft == 7)
        #expect(bench.host.notices.contains { if case .warning(let text) = $0 { text.contains("factory") } else { false } })
        try failure { try bench.store().setRetries(pinTries: 0, pukTries: 3, host: bench.host) }.expect(.invalidData)
        try failure { try bench.store().setRetries(pinTries: 3, pukTries: 256, host: bench.host) }.expect(.invalidData)
    }

    @Test(arguments: [FirmwareVersion.v5_4_3, .v5_7_1], ["3DES", "AES128", "AES192", "aes-256"])
    func aChangedManagementKeyIsTheOneThatMakesKeys(_ firmware: FirmwareVersion, _ cipher: String) throws {
        let bench = try Bench(firmware)
        let count = cipher.hasSuffix("128") ? 16 : cipher.hasSuffix("256") ? 32 : 24
        let new = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 11 + 1) }
        bench.host.answers[.newManagementKey] = Bench.hexadecimal(new)
        try bench.store().changeManagementKey(algorithm: cipher, host: bench.host)
        #expect(bench.key.managementKey == new)
        bench.host.answers[.managementKey] = Bench.hexadecimal(new)
        let session = try bench.session()
        _ = try session.generateKey(.ecP256, at: KeyStoreURI("piv:slot=9a"))
        session.close()
    }

    @Test func aManagementKeyThatDoesNotFitItsCipherChangesNothing() throws {
        let bench = try Bench()
        let before = bench.key.managementKey
        bench.host.answers[.newManagementKey] = String(repeating: "12", count: 16)
        try failure { try bench.store().changeManagementKey(algorithm: "AES256", host: bench.host) }.expect(.invalidData)
        try failure { try bench.store().changeManagementKey(algorithm: "ROT13", host: bench.host) }.expect(
            .unsupportedMechanism)
        bench.host.answers[.managementKey] = String(repeating: "33", count: 24)
        bench.host.answers[.newManagementKey] = String(repeating: "12", count: 24)
        try failure { try bench.store().changeManagementKey(algorithm: nil, host: bench.host) }.expect(.pinIncorrect)
        #expect(bench.key.managementKey == before)
    }

    @Test func anOldFirmwareTakesNoManagementKeyForAES() throws {
        let bench = try Bench(FirmwareVersion(5, 2, 4))
        try failure { try bench.store().changeManagementKey(algorithm: "AES192", host: bench.host) }.expect(
            .unsupportedMechanism)
    }

    @Test func aResetCardIsAsItWasSold() throws {
        let bench = try Bench(serial: 3010)
        try bench.key.generate(.p256, in: .authentication)
        bench.key.setPIN("777777")
        bench.key.setPUK("77777777")
        let token = try bench.store().reset(host: bench.host)
        #expect(token.serial == "3010" && token.flags.contains(.pinDefault))
        #expect(try bench.key.publicKeyDER(in: .authentication) == nil)
        #expect(bench.key.pinTriesLeft == 3 && bench.key.pukTriesLeft == 3)
        #expect(bench.host.requests.isEmpty && !bench.host.notices.isEmpty)
    }
}
