import Glibc
import KeyStoreCore
import KeyStoreLoader
import KeyStoreVerification
import Testing

/// The asynchronous face: threads, giving up, and what is left behind.
@Suite(.timeLimit(.minutes(2)))
struct AsynchronousTests {
    @Test func aScopeRunsOnTheSessionsThreadAndItsCallsSwitchNone() async throws {
        let store = try await BrokenPlugin.open("broken:sign-thread")
        let outside = currentThread()
        try await store.withSession(pin: .none) { session in
            let inside = currentThread()
            #expect(inside != outside)
            let key = try await session.key(at: try KeyStoreURI("broken:sign-thread"))
            for _ in 0..<10 {
                let signature = try await key.sign([1], using: .ecdsaP256SHA256)
                #expect(signature[4..<12].elementsEqual(inside))
                #expect(currentThread() == inside)
            }
        }
    }

    @Test func aCallFromThePoolRunsOnTheSessionsThreadAlone() async throws {
        let session = try await BrokenPlugin.open("broken:sign-thread").openSession(pin: .none)
        let key = try await session.key(at: try KeyStoreURI("broken:sign-thread"))
        let first = try await key.sign([1], using: .ecdsaP256SHA256)
        for _ in 0..<10 {
            let caller = currentThread()
            let signature = try await key.sign([1], using: .ecdsaP256SHA256)
            #expect(signature == first)
            #expect(!signature[4..<12].elementsEqual(caller))
        }
    }

    @Test func aScopeReturnsAndThrowsWhatItsBodyDoesAndClosesItsSession() async throws {
        let reference = BrokenPlugin.reference("ok")
        let store = try await BrokenPlugin.open(reference)
        #expect(try await store.withSession(pin: .none) { _ in 4711 } == 4711)
        struct Mine: Error {}
        await #expect(throws: Mine.self) { try await store.withSession(pin: .none) { _ in throw Mine() } }
        #expect(try BrokenPlugin.counts(reference).sessions == 0)
    }

    @Test func aScopeOfACancelledTaskClosesItsSession() async throws {
        let reference = BrokenPlugin.reference("ok")
        let store = try await BrokenPlugin.open(reference)
        let kept = Kept()
        let task = Task {
            try await store.withSession(pin: .none) { session in
                kept.session = session
                withUnsafeCurrentTask { $0?.cancel() }
                try Task.checkCancellation()
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        // It is still held, so nothing but the scope's end can have closed it.
        #expect(try await eventually { try BrokenPlugin.counts(reference).sessions == 0 })
        let uri = try KeyStoreURI(reference)
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await kept.session?.key(at: uri) }
    }

    @Test func cancellingEndsTheWaitingAndTheSessionIsBusyUntilTheDeviceAnswers() async throws {
        let reference = BrokenPlugin.reference("sign-waits")
        let uri = try KeyStoreURI(reference)
        let gate = try Gate()
        let (notices, said) = AsyncStream<Notice>.makeStream()
        let store = try await BrokenPlugin.open(reference, onNotice: { said.yield($0) })
        let session = try await store.openSession(pin: .none)
        let key = try await session.key(at: uri)
        let signing = Task { try await key.sign(gate.message, using: .ecdsaP256SHA256) }
        for await _ in notices { break }
        signing.cancel()
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await signing.value }

        await #expect(throws: KeyStoreError(.busy, "")) { try await session.key(at: uri) }
        await #expect(throws: KeyStoreError(.busy, "")) { try await key.sign([0], using: .ecdsaP256SHA256) }
        // The store serves other sessions, and the program other tasks.
        let other = try await store.openSession(pin: .none)
        #expect(try await other.keys().count == 1)
        #expect(await Task.detached { 1 }.value == 1)

        gate.open()
        let isFree = await eventually { (try? await session.key(at: uri)) != nil }
        #expect(isFree)
    }

    @Test func aTimeLimitEndsTheWaiting() async throws {
        let reference = BrokenPlugin.reference("sign-waits")
        let gate = try Gate()
        let store = try await BrokenPlugin.open(reference, timeoutMilliseconds: 1000)
        let key = try await store.openSession(pin: .none).key(at: try KeyStoreURI(reference))
        await #expect(throws: KeyStoreError(.timedOut, "")) {
            try await key.sign(gate.message, using: .ecdsaP256SHA256)
        }
        gate.open()
    }

    @Test func aSessionIsClosedBehindACallThatWasGivenUp() async throws {
        let reference = BrokenPlugin.reference("sign-waits")
        let uri = try KeyStoreURI(reference)
        let gate = try Gate()
        let (notices, said) = AsyncStream<Notice>.makeStream()
        let session = try await BrokenPlugin.open(reference, onNotice: { said.yield($0) }).openSession(pin: .none)
        let key = try await session.key(at: uri)
        let signing = Task { try await key.sign(gate.message, using: .ecdsaP256SHA256) }
        for await _ in notices { break }
        signing.cancel()
        _ = await signing.result
        await session.close()
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await session.key(at: uri) }
        #expect(try BrokenPlugin.counts(reference).sessions == 1)
        gate.open()
        #expect(try await eventually { try BrokenPlugin.counts(reference).sessions == 0 })
        #expect(try BrokenPlugin.counts(reference).misordered == 0)
    }

    @Test func aCallOfACancelledTaskIsNotMade() async throws {
        let reference = BrokenPlugin.reference("ok")
        let uri = try KeyStoreURI(reference)
        let session = try await BrokenPlugin.open(reference).openSession(pin: .none)
        let key = try await session.key(at: uri)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await #expect(throws: KeyStoreError(.cancelled, "")) { try await key.sign([1], using: .ecdsaP256SHA256) }
            await #expect(throws: KeyStoreError(.cancelled, "")) { try await session.key(at: uri) }
        }
        await task.value
        #expect(try BrokenPlugin.counts(reference).keys == 1)
    }

    @Test func manySessionsThatWaitHinderNoTask() async throws {
        let reference = BrokenPlugin.reference("sign-waits")
        let uri = try KeyStoreURI(reference)
        let gate = try Gate()
        let (notices, said) = AsyncStream<Notice>.makeStream()
        let store = try await BrokenPlugin.open(reference, onNotice: { said.yield($0) })
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<12 {
                let key = try await store.openSession(pin: .none).key(at: uri)
                group.addTask { try await key.sign(gate.message, using: .ecdsaP256SHA256).count }
            }
            var waiting = 0
            for await _ in notices {
                waiting += 1
                if waiting == 12 { break }
            }
            // All twelve wait now. On the pool they would leave no thread for these.
            let sum = await withTaskGroup(of: Int.self) { group in
                for number in 1...100 { group.addTask { number } }
                return await group.reduce(0, +)
            }
            #expect(sum == 5050)
            gate.open()
            for try await count in group { #expect(count == 8) }
        }
    }

    @Test func sixtyFourTasksShareOneSession() async throws {
        for scheme in ["sample:token=many"] {
            let store = try await TestPlugins.loader().open(scheme)
            let session = try await store.openSession(SessionOptions(isWritable: true), pin: .none)
            let key = try await session.generateKey(.ecP256, at: try KeyStoreURI("\(scheme);object=k"))
            let publicKey = try await key.publicKey()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        let message = Array("task \(task)".utf8)
                        let signature = try await key.sign(message, using: .ecdsaP256SHA256)
                        return publicKey.isValidSignature(signature, of: message, using: .ecdsaP256SHA256)
                    }
                }
                for try await isValid in group { #expect(isValid) }
            }
        }
    }

    @Test func whatIsDroppedIsClosedInOrder() async throws {
        let reference = BrokenPlugin.reference("ok")
        do {
            let key = try await BrokenPlugin.open(reference).openSession(pin: .none).key(at: try KeyStoreURI(reference))
            #expect(try await key.sign([1], using: .ecdsaP256SHA256).count == 8)
            #expect(try BrokenPlugin.counts(reference).sessions == 1)
        }
        #expect(try await eventually { try BrokenPlugin.counts(reference) == .none })
    }

    @Test func theShortestUseFindsAKeyThatKeepsItsSession() async throws {
        let reference = BrokenPlugin.reference("ok")
        do {
            let key = try await TestPlugins.loader().key(at: reference, pin: .none)
            #expect(try await key.sign([1], using: .ecdsaP256SHA256).count == 8)
            #expect(try await key.publicKey().type == .ecP256)
        }
        #expect(try await eventually { try BrokenPlugin.counts(reference) == .none })
    }

    @Test func everySessionsThreadEndsWithIt() async throws {
        let before = threadCount()
        do {
            let store = try await BrokenPlugin.open("broken:ok")
            var sessions: [any KeyStoreSession] = []
            for _ in 0..<40 { sessions.append(try await store.openSession(pin: .none)) }
            #expect(threadCount() >= 40)
            #expect(sessions.count == 40)
        }
        // Other tests come and go meanwhile; forty threads of ours would show all the same.
        #expect(await eventually { threadCount() < before + 20 })
    }

    @Test func aFailureToOpenLeavesNoThread() async throws {
        let before = threadCount()
        for _ in 0..<40 {
            await #expect(throws: KeyStoreError.self) { try await BrokenPlugin.open("broken:open-no-store") }
        }
        #expect(await eventually { threadCount() < before + 20 })
    }

    @Test func aListingRunsOnTheSessionsThreadAndEndsWhenToldTo() async throws {
        let session = try await BrokenPlugin.open("broken:ok").openSession(pin: .none)
        #expect(try await session.keys(matching: nil).count == 1)
        #expect(try await session.publicKey(at: try KeyStoreURI("broken:ok")).type == .ecP256)
        #expect(session.token.label == "broken")
    }
}

/// Holds what a scope should not let out.
private final class Kept: @unchecked Sendable {
    // Written in the scope and read after it.
    var session: (any KeyStoreSession)?
}

/// The calling thread's identity as bytes.
private func currentThread() -> [UInt8] {
    withUnsafeBytes(of: pthread_self()) { Array($0) }
}
