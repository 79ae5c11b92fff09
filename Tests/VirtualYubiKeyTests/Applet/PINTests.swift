import TemporaryFiles
import Testing

@testable import VirtualYubiKey

struct PINTests {
    @Test func aWrongPINCostsOneTryAndARightOneGivesThemBack() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        #expect(client.send(0x20, 0, 0x80).statusWord == 0x63C3)
        #expect(client.verify("000000") == 0x63C2)
        #expect(key.pinTriesLeft == 2)
        #expect(client.verify("123456") == .success)
        #expect(key.pinTriesLeft == 3)
        #expect(client.send(0x20, 0, 0x80).statusWord == .success)
    }

    @Test func theLastTryIsAnsweredAsWrongAndThenThePINIsBlocked() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        #expect((1...3).map { _ in client.verify("000000") } == [0x63C2, 0x63C1, 0x63C0])
        #expect(client.verify("123456") == .blocked)
        #expect(client.send(0x20, 0, 0x80).statusWord == .blocked)
    }

    @Test func moreThan15TriesAreShownAs15() throws {
        let key = try YubiKey()
        key.setPIN("123456", tries: 200)
        #expect(TestClient(key).verify("000000") == 0x63CF)
        #expect(key.pinTriesLeft == 199)
    }

    @Test func aWrongPINAndALogoutEndWhatARightOneBegan() throws {
        let client = TestClient(try YubiKey())
        #expect(client.verify("123456") == .success)
        #expect(client.verify("000000") == 0x63C2)
        #expect(client.send(0x20, 0, 0x80).statusWord == 0x63C2)
        #expect(client.verify("123456") == .success)
        #expect(client.send(0x20, 0xFF, 0x80).statusWord == .success)
        #expect(client.send(0x20, 0, 0x80).statusWord == 0x63C3)
    }

    @Test func countersSurviveARestart() throws {
        let folder = TemporaryFolder()
        let path = folder.path("state")
        #expect(TestClient(try YubiKey(stateFile: path)).verify("000000") == 0x63C2)
        #expect(TestClient(try YubiKey(stateFile: path)).verify("000000") == 0x63C1)
        #expect(try YubiKey(stateFile: path).pinTriesLeft == 1)
        #expect(try folder.names() == ["state"])
    }

    @Test func aStateFileOfAnotherKeyIsRefused() throws {
        let folder = TemporaryFolder()
        _ = try YubiKey(serial: 1, stateFile: folder.path("state"))
        #expect(throws: ReaderError.self) { try YubiKey(serial: 2, stateFile: folder.path("state")) }
        #expect(throws: ReaderError.self) {
            try YubiKey(firmware: .v5_7_1, serial: 1, stateFile: folder.path("state"))
        }
        try folder.write("state", "{")
        #expect(throws: (any Error).self) { try YubiKey(serial: 1, stateFile: folder.path("state")) }
    }

    private func change(_ client: TestClient, _ ins: UInt8, _ reference: UInt8, _ old: String, _ new: String)
        -> StatusWord
    {
        client.send(ins, 0, reference, CardState.Reference.padded(old) + CardState.Reference.padded(new)).statusWord
    }

    @Test func pinAndPUKAreChangedWithTheOldOne() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        #expect(change(client, 0x24, 0x80, "000000", "654321") == 0x63C2)
        #expect(change(client, 0x24, 0x80, "123456", "654321") == .success)
        #expect(client.verify("654321") == .success)
        #expect(change(client, 0x24, 0x81, "00000000", "87654321") == 0x63C2)
        #expect(key.pukTriesLeft == 2)
        #expect(change(client, 0x24, 0x81, "12345678", "87654321") == .success)
        #expect(key.pukTriesLeft == 3)
        #expect(change(client, 0x24, 0x82, "123456", "654321") == .referenceNotFound)
    }

    @Test func aNewPINOfTheWrongFormIsRefusedBesideTheRightOldOne() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        #expect(change(client, 0x24, 0x80, "123456", "12345") == .wrongData)
        let withHole: [UInt8] = [0x31, 0x32, 0x33, 0xFF, 0x34, 0x35, 0x36, 0xFF]
        #expect(
            client.send(0x24, 0, 0x80, CardState.Reference.padded("123456") + withHole).statusWord == .wrongData)
        #expect(key.pinTriesLeft == 3)
    }

    @Test func thePUKUnblocksThePIN() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        key.setPIN("123456", tries: 1)
        #expect(client.verify("000000") == 0x63C0)
        #expect(change(client, 0x2C, 0x80, "00000000", "654321") == 0x63C2)
        #expect(change(client, 0x2C, 0x80, "12345678", "654321") == .success)
        #expect(key.pinTriesLeft == 1)
        #expect(client.verify("654321") == .success)
    }

    @Test func aBlockedPUKUnblocksNothing() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        key.setPUK("12345678", tries: 1)
        #expect(change(client, 0x2C, 0x80, "00000000", "654321") == 0x63C0)
        #expect(change(client, 0x2C, 0x80, "12345678", "654321") == .blocked)
        #expect(change(client, 0x24, 0x81, "12345678", "87654321") == .blocked)
    }

    @Test func retriesAreSetWithPINAndManagementKey() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        key.setPIN("654321")
        #expect(client.send(0xFA, 5, 6).statusWord == .notAuthenticated)
        try client.authenticateManagement()
        #expect(client.send(0xFA, 5, 6).statusWord == .notAuthenticated)
        #expect(client.verify("654321") == .success)
        #expect(client.send(0xFA, 0, 6).statusWord == .wrongData)
        #expect(client.verify("654321") == .success)
        #expect(client.send(0xFA, 5, 6).statusWord == .success)
        #expect(key.pinTriesLeft == 5)
        #expect(key.pukTriesLeft == 6)
        #expect(client.verify("123456") == .success)
    }

    @Test func resetNeedsBothBlockedAndLeavesTheAttestationKey() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        try key.generate(.p256, in: .authentication)
        let attestation = try key.publicKeyDER(in: .attestation)
        #expect(client.send(0xFB, 0, 0).statusWord == .conditionsNotMet)
        key.setPIN("123456", tries: 1)
        key.setPUK("12345678", tries: 1)
        _ = client.verify("000000")
        #expect(client.send(0xFB, 0, 0).statusWord == .conditionsNotMet)
        _ = change(client, 0x24, 0x81, "00000000", "12345678")
        #expect(client.send(0xFB, 0, 0).statusWord == .success)
        #expect(try key.publicKeyDER(in: .authentication) == nil)
        #expect(try key.publicKeyDER(in: .attestation) == attestation)
        #expect(key.certificate(in: .attestation) != nil)
        #expect(client.verify("123456") == .success)
    }

    @Test func lengthsAndReferencesThatThereAreNotAreRefused() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        #expect(client.send(0x20, 0, 0x80, [1, 2, 3]).statusWord == .wrongLength)
        #expect(client.send(0x20, 0, 0x81, CardState.Reference.padded("12345678")).statusWord == .referenceNotFound)
        #expect(client.send(0x20, 1, 0x80).statusWord == .wrongParameters)
        #expect(client.send(0x24, 0, 0x80, [1]).statusWord == .wrongLength)
        #expect(client.send(0x2C, 0, 0x80, [1]).statusWord == .wrongLength)
        #expect(client.send(0x2C, 0, 0x81, [UInt8](repeating: 0x31, count: 16)).statusWord == .referenceNotFound)
        #expect(key.pinTriesLeft == 3)
    }
}
