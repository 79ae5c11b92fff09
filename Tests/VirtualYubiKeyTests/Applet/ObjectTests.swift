import Testing

@testable import VirtualYubiKey

struct ObjectTests {
    @Test func anObjectIsWrittenReadAndDeleted() throws {
        let client = TestClient(try YubiKey())
        try client.authenticateManagement()
        #expect(client.getData(0x5FC105).statusWord == .notFound)
        let contents = (0..<3000).map { UInt8($0 & 0xFF) }
        #expect(client.putData(0x5FC105, contents) == .success)
        #expect(client.getData(0x5FC105).data == TLV(0x53, contents).encoded)
        #expect(client.putData(0x5FC105, []) == .success)
        #expect(client.getData(0x5FC105).statusWord == .notFound)
        #expect(client.putData(0x5FC105, [UInt8](repeating: 1, count: 3064)) == .full)
    }

    @Test func printedInformationNeedsThePIN() throws {
        let client = TestClient(try YubiKey())
        try client.authenticateManagement()
        #expect(client.putData(0x5FC109, [1]) == .success)
        #expect(client.getData(0x5FC109).statusWord == .notAuthenticated)
        #expect(client.verify("123456") == .success)
        #expect(client.getData(0x5FC109).data == [0x53, 1, 1])
    }

    @Test func theDiscoveryObjectIsAnsweredAsItself() throws {
        let client = TestClient(try YubiKey())
        #expect(client.getData(0x7E).data.prefix(4) == [0x7E, 0x12, 0x4F, 0x0B])
        try client.authenticateManagement()
        #expect(client.putData(0x7E, [1]) == .wrongData)
    }

    @Test func requestsThatAreNotWellFormedAreRefused() throws {
        let client = TestClient(try YubiKey())
        try client.authenticateManagement()
        #expect(client.send(0xCB, 0x3F, 0xFF, [0x5C, 0x05, 0x5F]).statusWord == .wrongData)
        #expect(client.send(0xCB, 0x3F, 0xFF, [0x5C, 0x00]).statusWord == .wrongData)
        #expect(client.send(0xCB, 0x00, 0x00, [0x5C, 0x01, 0x7E]).statusWord == .wrongParameters)
        #expect(client.send(0xDB, 0x3F, 0xFF, [0x53, 0x00]).statusWord == .wrongData)
        #expect(client.send(0x99, 0, 0).statusWord == .unknownInstruction)
    }

    @Test func metadataTellsWhatIsThere() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        #expect(client.send(0xF7, 0, 0x9A).statusWord == .referenceNotFound)
        #expect(client.send(0xF7, 0, 0x96).statusWord == .referenceNotFound)
        #expect(try client.metadata(0x80).encoded == [1, 1, 0xFF, 5, 1, 1, 6, 2, 3, 3])
        _ = client.verify("000000")
        key.setPUK("87654321", tries: 5)
        #expect(try client.metadata(0x80)[tag: 0x06] == [3, 2])
        #expect(try client.metadata(0x81).encoded == [1, 1, 0xFF, 5, 1, 0, 6, 2, 5, 5])
        try key.generate(.p256, in: .authentication)
        let metadata = try client.metadata(0x9A)
        #expect(metadata[tag: 0x01] == [0x11])
        #expect(metadata[tag: 0x03] == [1])
        let point = try #require(try key.publicKeyDER(in: .authentication)).suffix(65)
        #expect(metadata[tag: 0x04] == TLV(0x86, Array(point)).encoded)
    }

    @Test func oldFirmwareHasNoMetadata() throws {
        let client = TestClient(try YubiKey(firmware: FirmwareVersion(5, 2, 7)))
        #expect(client.send(0xF7, 0, 0x80).statusWord == .unknownInstruction)
        #expect(client.send(0xFD, 0, 0).data == [5, 2, 7])
    }

    @Test func everyApplicationTellsTheSameSerialNumber() throws {
        let client = TestClient(try YubiKey(serial: 0x0102_0304))
        #expect(client.send(0xF8, 0, 0).data == [1, 2, 3, 4])
        let text = client.send(0xA4, 4, 0, ManagementApplet.identifier).data
        #expect(String(decoding: text, as: UTF8.self) == "Virtual mgr - FW version 5.4.3")
        let information = client.send(0x1D, 0, 0).data
        #expect(Int(information[0]) == information.count - 1)
        #expect(try TLV.parse(Array(information.dropFirst()))[tag: 0x02] == [1, 2, 3, 4])
        #expect(client.send(0xA4, 4, 0, OTPApplet.identifier + [1]).data == [5, 4, 3, 0, 0, 0, 0])
        #expect(client.send(0x01, 0x10, 0).data == [1, 2, 3, 4])
    }
}
