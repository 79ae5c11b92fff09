import KeyStoreCore
import KeyStoreLoader

/// 64 threads at once on one token, through the blocking mirror.
struct BlockingStress {
    let token: StressedToken
    let rounds: Int
    private static let threadCount = 64

    func run() throws {
        let store = try token.loader.openBlocking(token.request)
        // Two threads share a session; half of the sessions is used for one signature only.
        let shared = try (0..<Self.threadCount / 2).map { _ in try store.openSession(SessionOptions(), pin: token.pin) }
        try Threads.run(Self.threadCount) { number in
            let known = token.keys[number % token.keys.count]
            let session = shared[number / 2]
            let key = try session.key(at: known.uri)
            for round in 0..<rounds {
                try sign(key, known, number, round)
                let own = try store.openSession(SessionOptions(), pin: token.pin)
                try sign(try own.key(at: known.uri), known, number, round)
                own.close()
            }
        }
        for session in shared { session.close() }
        store.close()
        print("\(Self.threadCount) threads sign: in sessions that two share, and in one for each signature")
    }

    private func sign(
        _ key: BlockingKey, _ known: StressedToken.StressedKey, _ number: Int, _ round: Int
    ) throws {
        let message = Array("thread \(number), round \(round)".utf8)
        try known.verifier.verify(try key.sign(.message(message), using: .ecdsaP256SHA256), of: message)
    }
}
