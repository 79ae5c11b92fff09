import TemporaryFiles
import FileKeyStore
import KeyStoreCore
import KeyStoreTesting
import Testing

/// The file backend keeps the contract on each of the three routes.
struct FileConformanceTests {
    @Test(arguments: Route.allCases, [true, false])
    func theFileBackendConforms(_ route: Route, encrypted: Bool) async throws {
        let folder = TemporaryFolder()
        let subject = KeyStoreConformance.Subject(
            pin: .value(try PIN(encrypted ? "right passphrase" : "")),
            wrongPIN: encrypted ? .value(try PIN("wrong passphrase")) : nil,
            limits: [.generating(.x25519), .importing(.x25519)],
            open: {
                let uri = try KeyStoreURI("file://\(folder.path)")
                return try await route.open(FileBackend.self, OpenRequest(uri: uri))
            },
            uri: { label in try KeyStoreURI("file://\(folder.path)/\(label).pem") })
        for outcome in await KeyStoreConformance(subject).run() {
            #expect(outcome.failure == nil, "\(outcome)")
        }
    }
}
