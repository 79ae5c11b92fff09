import KeyStoreCore
import KeyStoreLoader

/// Many signatures one after the other. After the first tenth the process's memory must not grow.
struct Soak {
    let token: StressedToken
    let count: Int
    let watchesMemory: Bool
    /// What the allocator may keep for itself. One byte kept for each of 100,000 signatures is 98 KiB, a lost object four
    /// times that or more.
    private static let tolerance = 256

    func run() async throws {
        try blocking()
        try await scope()
        try await single()
    }

    private func blocking() throws {
        let store = try token.loader.openBlocking(token.request)
        let session = try store.openSession(SessionOptions(), pin: token.pin)
        let key = try session.key(at: token.keys[0].uri)
        var watch = Watch("blocking", count, isStrict: watchesMemory)
        for number in 0..<count {
            let message = message(number)
            try check(try key.sign(.message(message), using: .ecdsaP256SHA256), message, number)
            try watch.tick(number)
        }
        session.close()
        store.close()
    }

    private func scope() async throws {
        let store = try await token.loader.open(token.request)
        try await store.withSession(SessionOptions(), pin: token.pin) { session in
            let key = try await session.key(at: token.keys[0].uri)
            var watch = Watch("in a scope", count, isStrict: watchesMemory)
            for number in 0..<count {
                let message = message(number)
                try check(try await key.sign(message, using: .ecdsaP256SHA256), message, number)
                try watch.tick(number)
            }
        }
        await store.close()
    }

    private func single() async throws {
        let store = try await token.loader.open(token.request)
        let session = try await store.openSession(pin: token.pin)
        let key = try await session.key(at: token.keys[0].uri)
        var watch = Watch("from the pool", count, isStrict: watchesMemory)
        for number in 0..<count {
            let message = message(number)
            try check(try await key.sign(message, using: .ecdsaP256SHA256), message, number)
            try watch.tick(number)
        }
        await session.close()
        await store.close()
    }

    private func message(_ number: Int) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }

    /// Verifying takes longer than signing, so that one signature in sixteen has to do.
    private func check(_ signature: [UInt8], _ message: [UInt8], _ number: Int) throws {
        if number.isMultiple(of: 16) { try token.keys[0].verifier.verify(signature, of: message) }
    }

    /// Looks at the memory ten times.
    private struct Watch {
        private let name: String
        private let count: Int
        private let isStrict: Bool
        private var first: Int?

        init(_ name: String, _ count: Int, isStrict: Bool) {
            self.name = name
            self.count = count
            self.isStrict = isStrict
        }

        mutating func tick(_ number: Int) throws {
            guard (number + 1).isMultiple(of: max(count / 10, 1)) else { return }
            let now = ResidentMemory.kibibytes
            guard let first else { return self.first = now }
            try StressFailure.demand(
                !isStrict || now <= first + Soak.tolerance,
                "\(name): memory grew from \(first) to \(now) KiB by signature \(number + 1)")
            if number + 1 >= count - count % 10 { print("\(name): \(count) signatures, \(first) KiB, then \(now) KiB") }
        }
    }
}
