import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Testing

/// Slots and mechanisms whose numbers are not what was said.
struct SlotTests {
    private func tokens(_ script: String, all: Bool = false) throws -> [TokenInfo] {
        let module = try MockModule(script)
        let host = MockHost()
        let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(module.uri())), host: host)
        defer { store.close() }
        var found: [TokenInfo] = []
        try store.forEachToken(all: all) { info in
            found.append(info)
            return true
        }
        return found
    }

    @Test func slotsThatAppearWhileTheyAreListedAreFound() throws {
        #expect(try tokens("on C_GetSlotList 2 slots 3").map(\.label) == ["mock", "mock-2", "mock-3"])
        #expect(try tokens("slots 3\non C_GetSlotList 2 slots 1").map(\.label) == ["mock"])
    }

    @Test func slotsWithoutEndAreAWrongReply() throws {
        let error = try failure { try tokens("on C_GetSlotList 1+ more-slots 1") }
        #expect(error.code == .invalidReply)
    }

    @Test(arguments: ["4097 unavailable", "max unavailable", "0x7FFFFFFFFFFFFFFF 1"])
    func aNumberOfSlotsThatCannotBeIsAWrongReply(counts: String) throws {
        #expect(try failure { try tokens("counts slots \(counts)") }.code == .invalidReply)
    }

    @Test func moreSlotsThanThereWasRoomForAreNotRead() throws {
        #expect(try tokens("counts slots 1 1000").map(\.label) == ["mock"])
        #expect(try tokens("counts slots 1 max").map(\.label) == ["mock"])
        #expect(try tokens("counts slots 4 1").map(\.label) == ["mock"])
    }

    @Test func noSlotsAreNoTokens() throws {
        #expect(try tokens("slots 0").isEmpty)
        #expect(try failure { try OpenMock(script: "slots 0") }.code == .noSuchToken)
    }

    @Test func anEmptySlotIsNoToken() throws {
        #expect(try tokens("slots 2\nslot 2\nvanish").map(\.label) == ["mock"])
        #expect(try failure { try OpenMock(script: "vanish") }.code == .noSuchToken)
    }

    @Test func anUninitialisedTokenIsNotUsed() throws {
        #expect(try failure { try OpenMock(script: "token-initialised off") }.code == .noSuchToken)
    }

    @Test func twoTokensAreAmbiguousAndNoPINIsSentToEither() throws {
        let module = try MockModule("slots 2")
        let host = MockHost()
        let error = try failure { try OpenMock(module, host: host) }
        #expect(error.code == .ambiguousToken)
        #expect(module.value("C_Login") == 0)
        #expect(host.requests.isEmpty)
        let open = try OpenMock(module, "serial=0000000000000001", host: host)
        #expect(try open.key().signsValidly(by: KnownKeys.first))
    }

    @Test(arguments: ["2 unavailable", "2 500", "30 unavailable", "100 2"])
    func mechanismsAreReadAsFarAsThereWasRoom(counts: String) throws {
        let open = try OpenMock(script: "counts mechanisms \(counts)\nmechanisms = CKM_ECDSA CKM_EC_KEY_PAIR_GEN")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
    }

    @Test func mechanismsThatAppearWhileTheyAreListedAreFound() throws {
        let open = try OpenMock(script: "mechanisms - CKM_ECDSA\non C_GetMechanismList 2 mechanisms + CKM_ECDSA")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
    }

    @Test(arguments: ["16385 unavailable", "max unavailable"])
    func aNumberOfMechanismsThatCannotBeIsAWrongReply(counts: String) throws {
        let open = try OpenMock(script: "counts mechanisms \(counts)")
        #expect(try failure { try open.key() }.code == .invalidReply)
    }

    @Test func aTokenWithoutMechanismsHasKeysThatCannotSign() throws {
        let open = try OpenMock(script: "mechanisms =")
        #expect(try open.key().info.algorithms == [])
        #expect(
            try failure { try open.session.generateKey(.ecP256, at: try open.uri("object=new")) }.code
                == .unsupportedMechanism)
    }

    @Test func aMechanismThatIsListedAndRefusedIsUnsupported() throws {
        let open = try OpenMock(script: "refuse CKM_ECDSA CKR_MECHANISM_INVALID")
        #expect(try failure { try open.key().sign(message) }.code == .unsupportedMechanism)
    }

    @Test func objectsWithoutEndAreAWrongReplyAndTheSessionGoesOn() throws {
        let open = try OpenMock(script: "find endless")
        #expect(try failure { try open.key() }.code == .invalidReply)
        try open.module.run("find plain")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
    }

    @Test func objectsThatAppearWhileTheyAreListedAreTakenOrLeft() throws {
        let open = try OpenMock(script: "on C_FindObjects 2 key P-256 label=late id=09 seed=9")
        #expect(try Set(open.list().map(\.label)).subtracting(["key", "late"]).isEmpty)
        #expect(try Set(open.list().map(\.label)) == ["key", "late"])
    }

    @Test func moreObjectsThanThereWasRoomForAreNotRead() throws {
        let open = try OpenMock(script: "find overcount")
        #expect(try failure { try open.key() }.code == .invalidReply)
        try open.module.run("find plain")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
    }

    @Test func anObjectThatIsGivenTwiceIsOneKey() throws {
        let open = try OpenMock(script: "find twice")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(try open.list().map(\.label) == ["key"])
    }

    @Test func aHandleOfNothingIsLeftOut() throws {
        let open = try OpenMock(script: "find foreign")
        #expect(try open.key().signsValidly(by: KnownKeys.first))
        #expect(try open.list().map(\.label) == ["key"])
    }
}
