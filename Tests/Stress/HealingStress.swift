import Glibc
import KeyStoreCore
import KeyStoreLoader
import Synchronization

/// 64 tasks sign while sessions and the token come and go. A call may fail with a code that says so; a signature must be
/// right, and when all is well again every task must sign again with what it holds.
struct HealingStress {
    let token: StressedToken
    let mock: MockControl
    let rounds: Int
    private static let taskCount = 64
    private static let mayHappen: [KeyStoreError.Code] = [.tokenRemoved, .noSuchToken, .noSuchKey, .busy, .pinRequired]

    func run() async throws {
        let store = try await token.loader.open(token.request)
        let end = End()
        var open: [(session: any KeyStoreSession, key: any Key, known: StressedToken.StressedKey)] = []
        for number in 0..<Self.taskCount {
            let known = token.keys[number % token.keys.count]
            let session = try await store.openSession(pin: token.pin)
            open.append((session, try await session.key(at: known.uri), known))
        }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for (number, (session, key, known)) in open.enumerated() {
                group.addTask { @concurrent in
                    var failures = 0
                    while !end.hasCome.load(ordering: .acquiring) {
                        do {
                            try await Self.sign(key, known, number)
                        } catch let error as KeyStoreError where Self.mayHappen.contains(error.code) {
                            failures += 1
                        }
                    }
                    try await Self.patiently { try await Self.sign(key, known, number) }
                    await session.close()
                    return failures
                }
            }
            do {
                try await Threads.inBackground { try disturb() }
            } catch {
                // The tasks go on until they are told.
                end.hasCome.store(true, ordering: .releasing)
                throw error
            }
            end.hasCome.store(true, ordering: .releasing)
            var failures = 0
            for try await count in group { failures += count }
            print("sessions and tokens that come and go: \(failures) calls failed, and all tasks sign again")
        }
        await store.close()
        try mock.demandProperUse()
    }

    private func disturb() throws {
        for round in 0..<rounds * 10 {
            usleep(5000)
            try mock.run(["end-sessions", "vanish\nappear", "logout", "vanish"][round % 4])
            if round % 4 == 3 {
                usleep(2000)
                try mock.run("appear")
            }
        }
        try mock.run("appear")
    }

    private final class End: Sendable {
        let hasCome = Atomic(false)
    }

    /// The token is back: what fails now may fail once, where a call had begun before.
    private static func patiently<Value>(_ body: () async throws -> Value) async throws -> Value {
        for _ in 0..<100 {
            do {
                return try await body()
            } catch let error as KeyStoreError where mayHappen.contains(error.code) {}
        }
        return try await body()
    }

    private static func sign(
        _ key: any Key, _ known: StressedToken.StressedKey, _ number: Int
    ) async throws {
        let message = Array("task \(number)".utf8)
        try known.verifier.verify(try await key.sign(message, using: .ecdsaP256SHA256), of: message)
    }
}
