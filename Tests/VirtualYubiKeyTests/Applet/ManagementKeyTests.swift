import Testing

@testable import VirtualYubiKey

struct ManagementKeyTests {
    @Test func theFactoryKeyIsTripleDESBefore57AndAESSince() throws {
        #expect(try YubiKey(firmware: .v5_4_3).managementAlgorithm == .tripleDES)
        #expect(try YubiKey(firmware: .v5_7_1).managementAlgorithm == .aes192)
        #expect(try TestClient(YubiKey(firmware: .v5_7_1)).metadata(0x9B)[tag: 0x05] == [1])
    }

    @Test(arguments: [ManagementAlgorithm.tripleDES, .aes128, .aes192, .aes256])
    func eachCipherAuthenticatesBothWays(_ algorithm: ManagementAlgorithm) throws {
        let key = try YubiKey()
        let bytes = RandomBytes.make(algorithm.keyLength)
        key.setManagementKey(bytes, algorithm)
        let client = TestClient(key)
        try client.authenticateManagement()
        #expect(client.putData(0x5FC102, [1]) == .success)
        key.reset()
        // One way: a challenge that comes back encrypted.
        let again = TestClient(key)
        let first = again.send(0x87, algorithm.rawValue, 0x9B, TLV(0x7C, TLV(0x81, []).encoded).encoded)
        let challenge = try TLV.only(0x81, in: try TLV.only(0x7C, in: first.data))
        let response = try ManagementKey(algorithm: algorithm, bytes: bytes).encrypt(challenge)
        let second = again.send(0x87, algorithm.rawValue, 0x9B, TLV(0x7C, TLV(0x82, response).encoded).encoded)
        #expect(second == .init(statusWord: .success, data: []))
        #expect(again.putData(0x5FC102, [1]) == .success)
    }

    @Test func wrongAnswersAndAnswersWithoutAQuestionAreRefused() throws {
        let client = TestClient(try YubiKey())
        func send(_ elements: [TLV], _ algorithm: UInt8 = 3) -> StatusWord {
            client.send(0x87, algorithm, 0x9B, TLV(0x7C, elements.encoded).encoded).statusWord
        }
        let zeros = [UInt8](repeating: 0, count: 8)
        #expect(send([TLV(0x82, zeros)]) == .conditionsNotMet)
        #expect(send([TLV(0x80, zeros), TLV(0x81, zeros)]) == .conditionsNotMet)
        #expect(send([TLV(0x81, [])]) == .success)
        #expect(send([TLV(0x82, zeros)]) == .notAuthenticated)
        #expect(send([TLV(0x80, [])]) == .success)
        #expect(send([TLV(0x80, zeros), TLV(0x81, zeros)]) == .notAuthenticated)
        #expect(send([TLV(0x80, [])], 0x0A) == .wrongData)
        #expect(send([]) == .wrongData)
        #expect(client.putData(0x5FC102, [1]) == .notAuthenticated)
    }

    @Test func changingItNeedsItAndALengthThatFits() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        let bytes = [UInt8](repeating: 9, count: 16)
        #expect(client.send(0xFF, 0xFF, 0xFF, [0x08, 0x9B, 16] + bytes).statusWord == .notAuthenticated)
        try client.authenticateManagement()
        #expect(client.send(0xFF, 0xFF, 0xFF, [0x0A, 0x9B, 16] + bytes).statusWord == .wrongLength)
        #expect(client.send(0xFF, 0xFF, 0xFF, [0x09, 0x9B, 16] + bytes).statusWord == .wrongData)
        #expect(client.send(0xFF, 0xFF, 0x00, [0x08, 0x9B, 16] + bytes).statusWord == .wrongParameters)
        #expect(client.send(0xFF, 0xFF, 0xFF, [0x08, 0x9B, 16] + bytes).statusWord == .success)
        #expect(key.managementAlgorithm == .aes128)
        #expect(key.managementKey == bytes)
        #expect(try client.metadata(0x9B)[tag: 0x05] == [0])
    }
}
