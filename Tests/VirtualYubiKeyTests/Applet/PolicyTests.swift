import Testing

@testable import VirtualYubiKey

struct PolicyTests {
    private let digest = [UInt8](repeating: 1, count: 32)

    @Test func aKeyWithPINOnceNeedsItOnceWhileTheAppletStaysSelected() throws {
        let key = try YubiKey()
        try key.generate(.p256, in: .authentication)
        let client = TestClient(key)
        #expect(client.use(.p256, .authentication, digest).statusWord == .notAuthenticated)
        #expect(client.verify("123456") == .success)
        #expect(client.use(.p256, .authentication, digest).statusWord == .success)
        #expect(TestClient(key).use(.p256, .authentication, digest).statusWord == .success)
        #expect(client.send(0xA4, 4, 0, ManagementApplet.identifier).statusWord == .success)
        #expect(TestClient(key).use(.p256, .authentication, digest).statusWord == .notAuthenticated)
    }

    @Test func anApplicationThatThereIsNotChangesNothing() throws {
        let key = try YubiKey()
        try key.generate(.p256, in: .authentication)
        let client = TestClient(key)
        #expect(client.verify("123456") == .success)
        #expect(client.send(0xA4, 4, 0, [0xA0, 0, 0, 1, 0x67]).statusWord == .notFound)
        #expect(client.use(.p256, .authentication, digest).statusWord == .success)
    }

    @Test func aKeyWithPINAlwaysNeedsItRightBefore() throws {
        let key = try YubiKey()
        try key.generate(.p256, in: .signature)
        try key.generate(.rsa2048, in: 0x82, pinPolicy: .always)
        let client = TestClient(key)
        #expect(client.verify("123456") == .success)
        #expect(client.use(.p256, .signature, digest).statusWord == .success)
        #expect(client.use(.p256, .signature, digest).statusWord == .notAuthenticated)
        #expect(client.verify("123456") == .success)
        #expect(client.send(0xFD, 0, 0).statusWord == .success)
        #expect(client.use(.p256, .signature, digest).statusWord == .notAuthenticated)
        // A command in pieces is one command.
        #expect(client.verify("123456") == .success)
        let block = [0] + [UInt8](repeating: 1, count: 255)
        #expect(client.use(.rsa2048, 0x82, block).statusWord == .success)
    }

    @Test func policiesThatAreNotGivenAreTheSlots() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        try client.authenticateManagement()
        let expected: [(Slot, [UInt8])] = [
            (.authentication, [2, 1]), (.signature, [3, 1]), (.keyManagement, [2, 1]), (.cardAuthentication, [1, 1]),
            (0x95, [2, 1]),
        ]
        for (slot, policies) in expected {
            #expect(client.generate(.p256, slot, [TLV(0xAA, [0])]).statusWord == .success)
            #expect(try client.metadata(slot.number)[tag: 0x02] == policies)
        }
        #expect(client.generate(.p256, .signature, [TLV(0xAA, [1]), TLV(0xAB, [3])]).statusWord == .success)
        #expect(try client.metadata(0x9C)[tag: 0x02] == [1, 3])
        #expect(client.generate(.p256, .signature, [TLV(0xAA, [4])]).statusWord == .wrongData)
        #expect(client.generate(.p256, .signature, [TLV(0xAB, [4])]).statusWord == .wrongData)
    }

    @Test func aTouchIsAskedForAsThePolicySays() throws {
        let key = try YubiKey()
        try key.generate(.p256, in: .authentication, pinPolicy: .never, touchPolicy: .always)
        try key.generate(.p256, in: 0x82, pinPolicy: .never, touchPolicy: .cached)
        let client = TestClient(key)
        for _ in 1...2 { #expect(client.use(.p256, 0x9A, digest).statusWord == .success) }
        #expect(key.touchCount == 2)
        // The touch for the other key counts here.
        #expect(client.use(.p256, 0x82, digest).statusWord == .success)
        #expect(key.touchCount == 2)
        key.reset()
        let again = TestClient(key)
        for _ in 1...2 { #expect(again.use(.p256, 0x82, digest).statusWord == .success) }
        #expect(key.touchCount == 3)
    }

    @Test(arguments: [TouchBehaviour.denied, .never(timeoutSeconds: 0.01), .byHand(timeoutSeconds: 0.01)])
    func aTouchThatDoesNotComeIsARefusalThatCostsNoTry(_ touch: TouchBehaviour) throws {
        let key = try YubiKey()
        try key.generate(.p256, in: .signature, touchPolicy: .always)
        let client = TestClient(key)
        key.touch = touch
        #expect(client.verify("123456") == .success)
        #expect(client.use(.p256, .signature, digest).statusWord == .notAuthenticated)
        #expect(key.pinTriesLeft == 3)
    }

    @Test(arguments: [TouchBehaviour.granted, .grantedAfter(seconds: 0.01)])
    func aTouchThatComesLetsTheKeyWork(_ touch: TouchBehaviour) throws {
        let key = try YubiKey()
        try key.generate(.p256, in: .cardAuthentication, touchPolicy: .always)
        key.touch = touch
        #expect(TestClient(key).use(.p256, .cardAuthentication, digest).statusWord == .success)
    }

    @Test func aTouchByHandIsWaitedFor() async throws {
        let key = try YubiKey()
        try key.generate(.p256, in: .cardAuthentication, touchPolicy: .always)
        key.touch = .byHand(timeoutSeconds: 60)
        let digest = digest
        async let status = BackgroundCall.run { TestClient(key).use(.p256, .cardAuthentication, digest).statusWord }
        #expect(await BackgroundCall.run { key.waitUntilTouchIsAwaited() })
        key.giveTouch()
        #expect(await status == .success)
    }

    @Test func aSlowKeyWorksToo() throws {
        let key = try YubiKey()
        try key.generate(.p256, in: .cardAuthentication)
        key.latencySeconds = 0.01
        #expect(TestClient(key).use(.p256, .cardAuthentication, digest).statusWord == .success)
    }

    @Test func aManagementKeyCanNeedATouch() throws {
        let key = try YubiKey()
        let client = TestClient(key)
        try client.authenticateManagement()
        let bytes = [UInt8](repeating: 7, count: 24)
        #expect(client.send(0xFF, 0xFF, 0xFE, [0x03, 0x9B, 24] + bytes).statusWord == .success)
        try client.authenticateManagement()
        #expect(key.touchCount == 1)
        #expect(try client.metadata(0x9B)[tag: 0x02] == [0, 2])
    }
}
