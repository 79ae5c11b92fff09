import KeyStoreCore
import KeyStoreLoader
import KeyStoreVerification
import Synchronization
import Testing

/// The blocking mirror: what is closed when, and in which order.
@Suite(.timeLimit(.minutes(2)))
struct BlockingTests {
    @Test func keysCloseBeforeTheirSessionAndSessionsBeforeTheirStore() throws {
        let reference = BrokenPlugin.reference("ok")
        let uri = try KeyStoreURI(reference)
        var key: BlockingKey? = try BrokenPlugin.openBlocking(reference).openSession(pin: .none).key(at: uri)
        // Nothing but the key is held, and the store and the session are open with it.
        #expect(try key?.sign(.message([1]), using: .ecdsaP256SHA256).count == 8)
        #expect(try BrokenPlugin.counts(reference) == .init(stores: 1, sessions: 1, keys: 1, misordered: 0))
        key = nil
        #expect(try BrokenPlugin.counts(reference) == .none)
    }

    @Test func aClosedSessionHasClosedItsKeysAndTheyThrowCancelled() throws {
        let reference = BrokenPlugin.reference("ok")
        let uri = try KeyStoreURI(reference)
        let store = try BrokenPlugin.openBlocking(reference)
        let session = try store.openSession(pin: .none)
        let keys = [try session.key(at: uri), try session.key(at: uri)]
        session.close()
        session.close()
        #expect(try BrokenPlugin.counts(reference) == .init(stores: 1, sessions: 0, keys: 0, misordered: 0))
        for key in keys {
            #expect(throws: KeyStoreError(.cancelled, "")) { try key.sign(.message([1]), using: .ecdsaP256SHA256) }
        }
        #expect(throws: KeyStoreError(.cancelled, "")) { try session.key(at: uri) }
        #expect(throws: KeyStoreError(.cancelled, "")) { try session.keys() }
    }

    @Test func aClosedStoreOpensNothingMoreAndIsReleasedWithItsLastSession() async throws {
        let reference = BrokenPlugin.reference("ok")
        let store = try BrokenPlugin.openBlocking(reference)
        let session = try store.openSession(pin: .none)
        store.close()
        store.close()
        #expect(throws: KeyStoreError(.cancelled, "")) { try store.openSession(pin: .none) }
        #expect(throws: KeyStoreError(.cancelled, "")) { try store.tokens() }
        // The session goes on, and the store with it.
        #expect(try session.keys().count == 1)
        #expect(try BrokenPlugin.counts(reference) == .init(stores: 1, sessions: 1, keys: 0, misordered: 0))
        session.close()
        #expect(try BrokenPlugin.counts(reference) == .none)

        let asynchronous = try await BrokenPlugin.open(reference)
        await asynchronous.close()
        #expect(try BrokenPlugin.counts(reference) == .none)
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await asynchronous.openSession(pin: .none) }
    }

    @Test func aKeyIsLetGoOfWhileAnotherSignsWithoutWaiting() async throws {
        let reference = BrokenPlugin.reference("sign-waits")
        let uri = try KeyStoreURI(reference)
        let gate = try Gate()
        let (notices, said) = AsyncStream<Notice>.makeStream()
        let session = try BrokenPlugin.openBlocking(reference, onNotice: { said.yield($0) }).openSession(pin: .none)
        let signing = try session.key(at: uri)
        var idle: BlockingKey? = try session.key(at: uri)
        async let signature = onThread { try? signing.sign(.message(gate.message), using: .ecdsaP256SHA256) }
        for await _ in notices { break }
        // Would wait for ever if it waited for the signature.
        idle = nil
        #expect(idle == nil)
        #expect(try BrokenPlugin.counts(reference).keys == 2)
        gate.open()
        #expect(await signature?.count == 8)
        // The next call closes what was let go of meanwhile.
        _ = try session.keys()
        #expect(try BrokenPlugin.counts(reference).keys == 1)
    }

    @Test func aKeyIsLetGoOfWithinAListing() throws {
        let reference = BrokenPlugin.reference("ok")
        let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
        var key: BlockingKey? = try session.key(at: try KeyStoreURI(reference))
        try session.forEachKey { _ in
            key = nil
            return true
        }
        #expect(key == nil)
        _ = try session.keys()
        #expect(try BrokenPlugin.counts(reference).keys == 0)
    }

    @Test func aSessionThatIsClosedWhileKeysAreTakenLeavesNoneOpen() async throws {
        let reference = BrokenPlugin.reference("ok")
        let uri = try KeyStoreURI(reference)
        for _ in 0..<50 {
            let session = try BrokenPlugin.openBlocking(reference).openSession(pin: .none)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        await onThread { while let key = try? session.key(at: uri) { _ = key } }
                    }
                }
                _ = try? session.key(at: uri)
                session.close()
            }
        }
        // The threads may hold the last sessions, closed as they are, for a moment after they answered.
        #expect(try await eventually { try BrokenPlugin.counts(reference) == .none })
    }

    @Test func aStoreIsUsedFromSeveralThreads() async throws {
        let store = try TestPlugins.loader().openBlocking(OpenRequest(uri: try KeyStoreURI("sample:token=threads")))
        let uri = try KeyStoreURI("sample:token=threads;object=k")
        let made = try store.openSession(SessionOptions(isWritable: true), pin: .none).generateKey(.ecP256, at: uri)
        let publicKey = try made.publicKey()
        let key = try store.openSession(pin: .none).key(at: uri)
        let valid = await withTaskGroup(of: Int.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    await onThread {
                        (0..<50).count { round in
                            let message = Array("\(thread) \(round)".utf8)
                            let signature = try? key.sign(.message(message), using: .ecdsaP256SHA256)
                            return signature.map {
                                publicKey.isValidSignature($0, of: message, using: .ecdsaP256SHA256)
                            } ?? false
                        }
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(valid == 200)
    }
}
