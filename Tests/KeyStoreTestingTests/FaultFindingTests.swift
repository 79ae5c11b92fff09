import KeyStoreCore
import KeyStoreTesting
import Testing

/// A suite that cannot fail proves nothing: each fault makes the statements untrue that speak of it, and no others.
struct FaultFindingTests {
    /// Proven with keys that are imported too.
    private static let limitsOfDecrypting: [KeyStoreConformance.Limit] = [
        .decrypting(.rsa(bits: 2048), .rsaOAEPSHA384), .decrypting(.rsa(bits: 2048), .rsaOAEPSHA512),
    ]

    @Test(arguments: Fault.allCases)
    func aFaultDisprovesExactlyTheStatementsThatSpeakOfIt(_ fault: Fault) async throws {
        let name = "\(fault)-1"
        InMemoryBackend.setPIN(FaultyBackend.rightPIN, ofToken: name)
        let limits =
            KeyType.generatable.filter { !fault.generatable.contains($0) }.map {
                KeyStoreConformance.Limit.generating($0)
            } + (fault.generatable.contains(.rsa(bits: 2048)) ? [.signingDigests(.rsa(bits: 2048))] : [])
            + Self.limitsOfDecrypting
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
            limits: [
                .generating(.ed25519), .signingDigests(.ecP384), .importing(.ecP256), .agreeing(.ecP384), .relabelling,
                .chains, .separatingPurposes, .decrypting(.rsa(bits: 2048), .rsaOAEPSHA256),
                .decrypting(.rsa(bits: 2048), .rsaOAEPSHA384), .decrypting(.rsa(bits: 2048), .rsaOAEPSHA512),
                .pinPolicy(.once), .touchPolicy(.cached), .replacing, .attesting, .moving,
            ],
            open: {
                try DirectKeyStore(InMemoryBackend.self, opening: OpenRequest(uri: try KeyStoreURI("memory:able")))
            },
            uri: { try KeyStoreURI("memory:able;object=\($0)") })
        let failed = await KeyStoreConformance(subject).run().filter { $0.failure != nil }.map(\.statement)
        for statement in [
            "a new Ed25519 key", "a new EC P-384 key", "an imported EC P-256 key", "EC P-384 keys for deriving",
            "a key that is relabelled", "a chain of certificates", "a key does what it was made for",
            "a key for decrypting decrypts", "a key is made with each PIN policy",
            "a key is made with each touch policy",
            "a key takes another's place", "an attestation begins with", "a moved key is the same",
        ] {
            #expect(
                failed.contains { $0.hasPrefix(statement) },
                "a backend that can is believed that it cannot: \(statement)")
        }
    }
}
