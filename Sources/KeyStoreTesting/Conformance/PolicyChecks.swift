import KeyStoreCore
import Synchronization

extension KeyStoreConformance {
    static let policyChecks: [Check] = [
        Check(statement: "a key is made with each PIN policy, and asks for the PIN as that says") { suite in
            guard suite.subject.givenTypes.isEmpty else { return }
            let asked = Mutex(0)
            let pin = suite.subject.pin
            let counting = PINSource.callback { request throws(KeyStoreError) in
                if [.pin, .contextPIN].contains(request.kind) { asked.withLock { $0 += 1 } }
                return try pin.pin(for: request)
            }
            try await suite.withSession(pin: counting) { session in
                guard session.policies != nil else { return }
                for policy in PINPolicy.allCases {
                    let options = NewKeyOptions(pinPolicy: policy)
                    guard
                        let key = try await suite.makeKey(
                            "pin-policy-\(policy)", options, unless: .pinPolicy(policy), in: session)
                    else { continue }
                    let algorithm = key.info.algorithms[0]
                    _ = try await key.sign([1], using: algorithm)
                    let before = asked.withLock { $0 }
                    _ = try await key.sign([2], using: algorithm)
                    let again = asked.withLock { $0 } - before
                    // A token without a PIN can ask for none.
                    let hasPIN = suite.subject.wrongPIN != nil
                    try suite.expect(
                        again == (policy == .always && hasPIN ? 1 : 0),
                        "with '\(policy)' the second signature asked \(again) times")
                    try suite.expect(
                        key.info.protection.contains(.pinAlways) == (policy == .always && hasPIN),
                        "with '\(policy)' it is described as one that \(policy == .always ? "does not" : "does")")
                    try await suite.expectDescription(of: key, in: session)
                }
            }
        },
        Check(statement: "a key is made with each touch policy, and says so") { suite in
            guard suite.subject.givenTypes.isEmpty else { return }
            try await suite.withSession { session in
                guard session.policies != nil else { return }
                for policy in TouchPolicy.allCases {
                    let options = NewKeyOptions(touchPolicy: policy)
                    guard
                        let key = try await suite.makeKey(
                            "touch-policy-\(policy)", options, unless: .touchPolicy(policy), in: session)
                    else { continue }
                    try suite.expect(
                        key.info.protection.contains(.touch) == (policy != .never),
                        "with '\(policy)' it is described as one that \(policy == .never ? "waits" : "does not wait")")
                    try await suite.expectDescription(of: key, in: session)
                }
            }
        },
        Check(statement: "a key takes another's place where that is asked for, and only there") { suite in
            guard suite.subject.givenTypes.isEmpty else { return }
            try await suite.withSession { session in
                guard let policies = session.policies else { return }
                let type = try suite.anyType()
                let first = try await suite.makeKey("replace", in: session)
                let (uri, known) = (first.info.uri, try await first.publicKey())
                try await suite.expectRefusal(.keyExists, of: "a key in the place of another") {
                    try await policies.generateKey(type, options: NewKeyOptions(), at: uri)
                }
                let kept = try await session.key(at: uri).publicKey()
                try suite.expect(kept == known, "the key that was there is gone all the same")
                if suite.subject.limits.contains(.replacing) {
                    return try await suite.expectLimit(
                        .replacing, .keyExists, .unsupportedMechanism, .unsupportedOperation, .policyRefused,
                        of: "replacing a key"
                    ) {
                        try await policies.generateKey(type, options: NewKeyOptions(replaces: true), at: uri)
                    }
                }
                let second = try await policies.generateKey(type, options: NewKeyOptions(replaces: true), at: uri)
                let made = try await second.publicKey()
                try suite.expect(made != known, "it is the same key as before")
                let found = try await session.key(at: uri).publicKey()
                try suite.expect(found == made, "another key than the one that was made stands there")
                guard session.importing != nil, !suite.subject.limits.contains(.importing(type)) else { return }
                let source = try InMemoryKey.generate(type)
                _ = try await policies.importKey(
                    pem: try PIN(source.pem), options: NewKeyOptions(replaces: true), at: uri)
                let imported = try await session.key(at: uri).publicKey()
                try suite.expect(imported.der == source.publicKeyDER, "the imported key does not stand there")
            }
        },
    ]

    /// A key with the options, or nil where the limit says that there are none, which is then proven.
    private func makeKey(
        _ label: String, _ options: NewKeyOptions, unless limit: Limit, in session: any KeyStoreSession
    ) async throws -> (any Key)? {
        guard let policies = session.policies else { return nil }
        let (type, uri) = (try anyType(), try uri(label))
        if subject.limits.contains(limit) {
            try await expectLimit(
                limit, .unsupportedMechanism, .unsupportedOperation, .policyRefused, of: "this policy"
            ) {
                try await policies.generateKey(type, options: options, at: uri)
            }
            return nil
        }
        return try await policies.generateKey(type, options: options, at: uri)
    }

    /// That a listing describes the key's protection as its making did.
    private func expectDescription(of key: any Key, in session: any KeyStoreSession) async throws {
        let listed = try await session.keys(matching: key.info.uri)
        try expect(
            listed.map(\.protection) == [key.info.protection],
            "a listing describes the protection of \(key.info.label) otherwise")
    }
}
