import KeyStoreCore
import KeyStoreTesting
import Testing

/// A suite that cannot fail proves nothing: each fault makes the statements untrue that speak of it, and no others.
struct FaultFindingTests {
    @Test(arguments: Fault.allCases)
    func aFaultDisprovesExactlyTheStatementsThatSpeakOfIt(_ fault: Fault) async throws {
        let name = "\(fault)-1"
        InMemoryBackend.setPIN(FaultyBackend.rightPIN, ofToken: name)
        let limits = KeyType.generatable.filter { $0 != .ecP256 }.map { KeyStoreConformance.Limit.generating($0) }
        let subject = KeyStoreConformance.Subject(
            pin: .value(try PIN(FaultyBackend.rightPIN)), wrongPIN: .value(try PIN("4321")),
            everyKey: try KeyStoreURI("memory:\(name)"), limits: Set(limits),
            open: {
                try DirectKeyStore(FaultyBackend.self, opening: OpenRequest(uri: try KeyStoreURI("memory:\(name)")))
            },
            uri: { try KeyStoreURI("memory:\(name);object=\($0)") })
        let failed = await KeyStoreConformance(subject).run().filter { $0.failure != nil }
        for outcome in failed {
            #expect(fault.disproved.contains { outcome.statement.hasPrefix($0) }, "\(outcome)")
        }
        for statement in fault.disproved {
            #expect(failed.contains { $0.statement.hasPrefix(statement) }, "still so: \(statement)")
        }
    }

    @Test func aLimitThatIsNoneFails() async throws {
        let subject = KeyStoreConformance.Subject(
            limits: [.generating(.ed25519), .signingDigests(.ecP384), .importing(.ecP256)],
            open: {
                try DirectKeyStore(InMemoryBackend.self, opening: OpenRequest(uri: try KeyStoreURI("memory:able")))
            },
            uri: { try KeyStoreURI("memory:able;object=\($0)") })
        let failed = await KeyStoreConformance(subject).run().filter { $0.failure != nil }.map(\.statement)
        for type in ["a new Ed25519 key", "a new EC P-384 key", "an imported EC P-256 key"] {
            #expect(failed.contains { $0.hasPrefix(type) }, "a backend that can is believed that it cannot: \(type)")
        }
    }
}
