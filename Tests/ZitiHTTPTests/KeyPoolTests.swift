import KeyStoreCore
import KeyStoreTesting
import Synchronization
import Testing

@testable import ZitiHTTP

struct KeyPoolTests {
    private func pool(_ store: GatedStore, limit: Int?) async throws -> KeyPool {
        try await KeyPool.open(store, ownsStore: true, uri: store.uri, pin: .none, limit: limit).pool
    }

    private func sign(_ pool: KeyPool) async throws(KeyStoreError) -> [UInt8] {
        try await pool.sign(.message([1]), using: .ecdsaP256SHA256)
    }

    @Test(arguments: [1, 3])
    func asManySignaturesAreMadeAtOnceAsThereMayBeSessions(_ limit: Int) async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: limit)
        store.isShut = true
        let tasks = (0..<5).map { _ in Task { try await sign(pool) } }
        await store.wait(signing: limit)
        #expect(await pool.sessionCount == limit)
        store.isShut = false
        for task in tasks { _ = try await task.value }
        #expect(store.mostAtOnce == limit)
        #expect(store.signatures == 5)
        #expect(await pool.sessionCount == limit)
    }

    @Test func oneAfterTheOtherNeedsOneSession() async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: nil)
        for _ in 0..<10 { _ = try await sign(pool) }
        #expect(store.opened == 1)
    }

    @Test func aKeyThatNeedsAPersonHasOneSession() async throws {
        let store = try await GatedStore.make(protection: .touch)
        let pool = try await pool(store, limit: nil)
        store.isShut = true
        let tasks = (0..<3).map { _ in Task { try await sign(pool) } }
        await store.wait(signing: 1)
        store.isShut = false
        for task in tasks { _ = try await task.value }
        #expect(store.opened == 1)
    }

    @Test func whoIsCancelledWhileWaitingSignsNothing() async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: 1)
        store.isShut = true
        let first = Task { try await sign(pool) }
        await store.wait(signing: 1)
        let second = Task { try await sign(pool) }
        second.cancel()
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await second.value }
        store.isShut = false
        _ = try await first.value
        #expect(store.signatures == 1)
    }

    @Test func whoWaitsWhileThePoolIsClosedIsTold() async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: 1)
        store.isShut = true
        let first = Task { try await sign(pool) }
        await store.wait(signing: 1)
        let second = Task { try await sign(pool) }
        await pool.close()
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await second.value }
        #expect(!store.isClosed)
        store.isShut = false
        _ = try await first.value
        #expect(store.isClosed)
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await sign(pool) }
    }

    @Test(arguments: [KeyStoreError.Code.tokenRemoved, .identityChanged, .noSuchToken, .noSuchKey])
    func aHandleThatIsLostIsReplacedByTheNextSignature(_ code: KeyStoreError.Code) async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: 1)
        store.failure = KeyStoreError(code, "gone")
        await #expect(throws: KeyStoreError(code, "")) { try await sign(pool) }
        store.failure = nil
        _ = try await sign(pool)
        #expect(store.opened == 2)
    }

    @Test(arguments: [KeyStoreError.Code.pinIncorrect, .touchTimeout, .unsupportedMechanism, .backendFailure])
    func aFailureOfTheKeyAloneOpensNothing(_ code: KeyStoreError.Code) async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: 1)
        store.failure = KeyStoreError(code, "no")
        await #expect(throws: KeyStoreError(code, "")) { try await sign(pool) }
        #expect(store.signatures == 1)
        store.failure = nil
        _ = try await sign(pool)
        #expect(store.opened == 1)
    }

    @Test func anotherKeyInANewSessionIsRefused() async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: 1)
        store.failure = KeyStoreError(.tokenRemoved, "gone")
        await #expect(throws: KeyStoreError(.tokenRemoved, "")) { try await sign(pool) }
        store.failure = nil
        store.otherPublicKey = try await KeyPlace.memory.make(.ecP256).publicKey
        let signatures = store.signatures
        await #expect(throws: KeyStoreError(.identityChanged, "")) { try await sign(pool) }
        #expect(store.signatures == signatures)
        store.otherPublicKey = nil
        _ = try await sign(pool)
    }

    @Test func aStoreThatOpensNoSecondSessionServesWithTheFirst() async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: 4)
        store.isShut = true
        let first = Task { try await sign(pool) }
        await store.wait(signing: 1)
        store.openFailure = KeyStoreError(
            .busy, "no more",
            native: NativeError(
                domain: "PKCS#11", function: "C_OpenSession", name: "CKR_SESSION_COUNT", number: 0xB1))
        let second = Task { try await sign(pool) }
        await store.wait(refused: 1)
        store.isShut = false
        _ = try await first.value
        _ = try await second.value
        #expect(store.mostAtOnce == 1)
        #expect(await pool.sessionCount == 1)
    }

    @Test(arguments: [KeyStoreError.Code.cancelled, .timedOut, .busy, .tokenRemoved])
    func aFailureThatPassesLeavesTheNumberOfSessions(_ code: KeyStoreError.Code) async throws {
        let store = try await GatedStore.make()
        let pool = try await pool(store, limit: 2)
        store.isShut = true
        let first = Task { try await sign(pool) }
        await store.wait(signing: 1)
        store.openFailure = KeyStoreError(code, "not now")
        await #expect(throws: KeyStoreError(code, "")) { try await sign(pool) }
        store.openFailure = nil
        let second = Task { try await sign(pool) }
        await store.wait(signing: 2)
        store.isShut = false
        _ = try await first.value
        _ = try await second.value
        #expect(store.mostAtOnce == 2)
    }

    @Test func aStoreThatDoesNotOpenIsClosed() async throws {
        let store = try await GatedStore.make()
        store.openFailure = KeyStoreError(.noSuchToken, "absent")
        await #expect(throws: KeyStoreError(.noSuchToken, "")) { try await pool(store, limit: nil) }
        #expect(store.isClosed)
    }
}
