internal import Glibc
internal import KeyStoreCore
internal import KeyStoreLoader

/// Loops that sign through a plugin, each with a session of its own.
struct SigningLoops {
    let request: OpenRequest
    let pin: PINSource
    let algorithm: SignatureAlgorithm
    let input: SigningInput
    let plan: MeasuringPlan
    let count: Int

    /// Runs the loops and returns the nanoseconds of every measured signature.
    func run(_ way: Way) async throws -> [UInt32] {
        switch way {
        case .mirror: try mirror()
        case .scope: try await scope()
        case .single: try await single()
        case .shared: try await shared()
        }
    }

    private func mirror() throws -> [UInt32] {
        let store = try BackendLoader().openBlocking(request)
        let threads = try (0..<count).map { _ in
            let key = try store.openSession(pin: pin).key(at: request.uri)
            return try LoopThread { [algorithm, input, plan] in
                var stopwatch = Stopwatch(plan)
                while stopwatch.begins() {
                    _ = try key.sign(input, using: algorithm)
                    stopwatch.ends()
                }
                return stopwatch.samples
            }
        }
        return try threads.flatMap { try $0.join() }
    }

    private func scope() async throws -> [UInt32] {
        let store = try await BackendLoader().open(request)
        return try await gather { [self] in
            try await store.withSession(pin: pin) { [self] session in
                let key = try await session.key(at: request.uri)
                var stopwatch = Stopwatch(plan)
                while stopwatch.begins() {
                    _ = try await key.sign(input, using: algorithm)
                    stopwatch.ends()
                }
                return stopwatch.samples
            }
        }
    }

    private func single() async throws -> [UInt32] {
        let store = try await BackendLoader().open(request)
        return try await gather { [self] in
            let session = try await store.openSession(pin: pin)
            let key = try await session.key(at: request.uri)
            var stopwatch = Stopwatch(plan)
            while stopwatch.begins() {
                _ = try await key.sign(input, using: algorithm)
                stopwatch.ends()
            }
            await session.close()
            return stopwatch.samples
        }
    }

    private func shared() async throws -> [UInt32] {
        let session = try await BackendLoader().open(request).openSession(pin: pin)
        let key = try await session.key(at: request.uri)
        let samples = try await gather { [self] in
            var stopwatch = Stopwatch(plan)
            while stopwatch.begins() {
                _ = try await key.sign(input, using: algorithm)
                stopwatch.ends()
            }
            return stopwatch.samples
        }
        await session.close()
        return samples
    }

    /// Runs `loop` on the cooperative pool as often as there are loops.
    private func gather(_ loop: @escaping @concurrent @Sendable () async throws -> [UInt32]) async throws -> [UInt32] {
        try await withThrowingTaskGroup(of: [UInt32].self) { group in
            for _ in 0..<count { group.addTask { try await loop() } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}
