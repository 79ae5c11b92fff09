import KeyStoreCore
@testable import KeyStoreLoader
import KeyStorePlugin
import KeyStoreTesting
import Testing

/// The in-memory backend keeps the contract, called directly and through the table.
struct InMemoryConformanceTests {
    @Test(arguments: Way.allCases, ["", "1234"])
    func theInMemoryBackendConforms(_ way: Way, pin: String) async throws {
        let name = "conformance-\(way)-\(pin.isEmpty ? "open" : "pin")"
        if !pin.isEmpty { InMemoryBackend.setPIN(pin, ofToken: name) }
        let subject = KeyStoreConformance.Subject(
            pin: pin.isEmpty ? .none : .value(try PIN(pin)),
            wrongPIN: pin.isEmpty ? nil : .value(try PIN("4321")), everyKey: try KeyStoreURI("memory:\(name)"),
            limits: Self.limits,
            open: { try await way.open(InMemoryBackend.self, OpenRequest(uri: try KeyStoreURI("memory:\(name)"))) },
            uri: { try KeyStoreURI("memory:\(name);object=\($0)") })
        let outcomes = await KeyStoreConformance(subject).run()
        #expect(outcomes.count > 20)
        for outcome in outcomes { #expect(outcome.failure == nil, "\(outcome)") }
    }

    /// The crypto library under it takes digests from outside for elliptic curves only, and has two of OAEP's hashes.
    private static let limits: Set<KeyStoreConformance.Limit> = [
        .signingDigests(.rsa(bits: 2048)), .signingDigests(.rsa(bits: 3072)), .signingDigests(.rsa(bits: 4096)),
        .decrypting(.rsa(bits: 2048), .rsaOAEPSHA384), .decrypting(.rsa(bits: 2048), .rsaOAEPSHA512),
    ]
}
