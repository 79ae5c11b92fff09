import KeyStoreCore
import KeyStoreLoader

/// 64 tasks at once on one token, through the asynchronous interface.
struct AsynchronousStress {
    let token: StressedToken
    let rounds: Int
    private static let taskCount = 64

    func run() async throws {
        try await sharedSession()
        try await sessionForEach()
        try await scopes()
        let signed = try await cancellation()
        try await stores()
        print(
            "\(Self.taskCount) tasks sign: in one session, in sessions, scopes and stores of their own; "
                + "\(signed) of \(Self.taskCount * rounds) although most were given up")
    }

    /// All tasks sign with keys of one session.
    private func sharedSession() async throws {
        let store = try await token.loader.open(token.request)
        let session = try await store.openSession(pin: token.pin)
        try await forEachTask { number in
            let known = token.keys[number % token.keys.count]
            let key = try await session.key(at: known.uri)
            for round in 0..<rounds { try await sign(key, known, number, round) }
        }
        await session.close()
        await store.close()
    }

    /// Each task opens a session in each round.
    private func sessionForEach() async throws {
        let store = try await token.loader.open(token.request)
        try await forEachTask { number in
            for round in 0..<rounds {
                let known = token.keys[(number + round) % token.keys.count]
                let session = try await store.openSession(
                    SessionOptions(isWritable: round.isMultiple(of: 2)), pin: token.pin)
                try await sign(try await session.key(at: known.uri), known, number, round)
                // Every other one is only let go of.
                if number.isMultiple(of: 2) { await session.close() }
            }
        }
        await store.close()
    }

    /// Each task signs on its session's own thread.
    private func scopes() async throws {
        let store = try await token.loader.open(token.request)
        try await forEachTask { number in
            try await store.withSession(SessionOptions(), pin: token.pin) { session in
                let known = token.keys[number % token.keys.count]
                let key = try await session.key(at: known.uri)
                for round in 0..<rounds { try await sign(key, known, number, round) }
            }
        }
        await store.close()
    }

    /// Tasks are cancelled while they sign, at a moment that nobody chose; what goes on must go on.
    private func cancellation() async throws -> Int {
        let store = try await token.loader.open(token.request)
        var signed = 0
        for _ in 0..<rounds {
            let tasks = (0..<Self.taskCount).map { number in
                Task { @concurrent in
                    do {
                        let session = try await store.openSession(pin: token.pin)
                        let known = token.keys[number % token.keys.count]
                        try await sign(try await session.key(at: known.uri), known, number, 0)
                        await session.close()
                        return true
                    } catch let error as KeyStoreError where error.code == .cancelled {
                        return false
                    }
                }
            }
            for (number, task) in tasks.enumerated() {
                if number.isMultiple(of: 3) { await Task.yield() }
                if !number.isMultiple(of: 4) { task.cancel() }
            }
            for task in tasks where try await task.value { signed += 1 }
        }
        let session = try await store.openSession(pin: token.pin)
        try await sign(try await session.key(at: token.keys[0].uri), token.keys[0], 0, 0)
        await session.close()
        await store.close()
        return signed
    }

    /// Each task opens a store of its own, so that the login and the module are shared by many that come and go.
    private func stores() async throws {
        try await forEachTask { number in
            for round in 0..<rounds {
                let store = try await token.loader.open(token.request)
                let session = try await store.openSession(pin: token.pin)
                let known = token.keys[(number + round) % token.keys.count]
                let key = try await session.key(at: known.uri)
                // Those that are open stay usable.
                await store.close()
                try await sign(key, known, number, round)
                await session.close()
            }
        }
    }

    private func sign(
        _ key: any Key, _ known: StressedToken.StressedKey, _ number: Int, _ round: Int
    ) async throws {
        let message = Array("task \(number), round \(round)".utf8)
        try known.verifier.verify(try await key.sign(message, using: .ecdsaP256SHA256), of: message)
    }

    private func forEachTask(_ body: @escaping @concurrent @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<Self.taskCount { group.addTask { try await body(number) } }
            try await group.waitForAll()
        }
    }
}
