import KeyStoreCore
import KeyStoreTesting
import PKCS11KeyStore
import SoftHSMTokens
import Testing

/// The PKCS#11 backend keeps the contract with SoftHSM2 on each of the three routes.
struct PKCS11ConformanceTests {
    @Test(arguments: Route.allCases)
    func thePKCS11BackendConformsWithSoftHSM2(_ route: Route) async throws {
        let token = SoftHSM.shared.makeToken(label: "conformance")
        let subject = KeyStoreConformance.Subject(
            pin: .value(try PIN(token.pin)), wrongPIN: .value(try PIN("000000")),
            everyKey: try KeyStoreURI(token.uri("type=private")), limits: Self.limits,
            open: { try await route.open(PKCS11Backend.self, OpenRequest(uri: try KeyStoreURI(token.uri))) },
            uri: { label in try KeyStoreURI(token.uri("object=\(label)")) })
        for outcome in await KeyStoreConformance(subject).run() {
            #expect(outcome.failure == nil, "\(outcome)")
        }
    }

    /// SoftHSM takes OAEP with SHA-1 only, which its list of mechanisms does not tell. The backend makes no X25519 keys.
    private static let limits: Set<KeyStoreConformance.Limit> = [
        .decrypting(.rsa(bits: 2048), .rsaOAEPSHA256), .decrypting(.rsa(bits: 2048), .rsaOAEPSHA384),
        .decrypting(.rsa(bits: 2048), .rsaOAEPSHA512), .generating(.x25519), .importing(.x25519),
    ]
}
