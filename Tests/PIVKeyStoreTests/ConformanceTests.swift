import KeyStoreCore
import KeyStoreLoader
import KeyStoreTesting
import PIVKeyStore
import Testing
import VirtualYubiKey

/// The backend keeps the contract on both firmwares, called directly and through the loaded library.
@Suite(.serialized)
struct ConformanceTests {
    @Test(arguments: [FirmwareVersion.v5_4_3, .v5_7_1], [true, false])
    func thePIVBackendConforms(_ firmware: FirmwareVersion, isLoaded: Bool) async throws {
        let bench = try Bench(firmware)
        let labels = SlotLabels(bench.key)
        let managementKey = Bench.hexadecimal(bench.key.managementKey)
        func pins(_ pin: String) -> PINSource {
            .callback { request throws(KeyStoreError) in try PIN(request.kind == .managementKey ? managementKey : pin) }
        }
        let request = OpenRequest(uri: try KeyStoreURI("piv:serial=112233"))
        let subject = KeyStoreConformance.Subject(
            pin: pins("123456"), wrongPIN: pins("000000"), everyKey: try KeyStoreURI("piv:serial=112233"),
            limits: Self.limits(of: firmware),
            open: {
                isLoaded
                    ? try await BackendLoader().open(request) : try DirectKeyStore(PIVBackend.self, opening: request)
            },
            uri: { label in try labels.uri(label) })
        for outcome in await KeyStoreConformance(subject).run() {
            #expect(outcome.failure == nil, "\(outcome)")
        }
        #expect(bench.key.pinTriesLeft == 3)
    }

    private static func limits(of firmware: FirmwareVersion) -> Set<KeyStoreConformance.Limit> {
        // A slot's key does all that its type can.
        var limits: Set<KeyStoreConformance.Limit> = [.generating(.ecP521), .importing(.ecP521), .separatingPurposes]
        if firmware < .v5_7_1 {
            limits.formUnion([
                .generating(.rsa(bits: 3072)), .generating(.rsa(bits: 4096)), .generating(.ed25519),
                .importing(.ed25519), .generating(.x25519), .importing(.x25519),
                .deleting, .moving,
            ])
        }
        return limits
    }
}
