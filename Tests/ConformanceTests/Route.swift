import FileKeyStore
import KeyStoreCore
@testable import KeyStoreLoader
import KeyStorePlugin
import KeyStoreTesting
import Testing

/// The three ways from a caller to a backend.
enum Route: String, CaseIterable, CustomTestStringConvertible {
    /// The backend's Swift code, called directly.
    case inMemory = "in memory"
    /// The C table, made in this process.
    case table = "through the table"
    /// The shared library, found by the loader.
    case library = "through the loaded library"

    var testDescription: String { rawValue }

    /// Opens a store of the backend on this route.
    func open<BackendType: Backend>(_ type: BackendType.Type, _ request: OpenRequest) async throws -> any KeyStore {
        switch self {
        case .inMemory:
            return try DirectKeyStore(type, opening: request)
        case .table:
            let library = try PluginLibrary(table: PluginTable.make(type), path: "this process")
            return try await LoadedKeyStore.open(timeoutMilliseconds: nil) { () throws(KeyStoreError) in
                try BlockingKeyStore(
                    library: library, request: request, description: URIInfo(normalised: request.uri),
                    policy: LibraryPolicy(allowed: [], referenceIsRequest: false),
                    listener: HostListener(onNotice: { _ in }))
            }
        case .library:
            return try await BackendLoader().open(request)
        }
    }
}
