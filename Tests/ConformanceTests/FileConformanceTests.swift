import FileKeyStore
import Foundation
import KeyStoreCore
import KeyStoreTesting
import Testing

/// The file backend keeps the contract on each of the three routes.
struct FileConformanceTests {
    @Test(arguments: Route.allCases, [true, false])
    func theFileBackendConforms(_ route: Route, encrypted: Bool) async throws {
        let folder = try TemporaryFolder()
        let subject = KeyStoreConformance.Subject(
            pin: .value(try PIN(encrypted ? "right passphrase" : "")),
            wrongPIN: encrypted ? .value(try PIN("wrong passphrase")) : nil,
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

/// A folder that goes with the last holder.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/keystore-conformance.XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
