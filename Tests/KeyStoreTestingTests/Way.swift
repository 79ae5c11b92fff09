import KeyStoreCore
@testable import KeyStoreLoader
import KeyStorePlugin
import KeyStoreTesting

/// The ways from a caller to a backend that is linked in.
enum Way: String, CaseIterable {
    /// The backend's Swift code, called directly.
    case direct
    /// The C table, and the loader's checks.
    case table

    func open<BackendType: Backend>(
        _ type: BackendType.Type, _ request: OpenRequest
    ) async throws -> any KeyStore {
        switch self {
        case .direct: return try DirectKeyStore(type, opening: request)
        case .table:
            let library = try PluginLibrary(table: PluginTable.make(type), path: "this process")
            let description = try type.describe(request.uri)
            return try await LoadedKeyStore.open(timeoutMilliseconds: nil) { () throws(KeyStoreError) in
                try BlockingKeyStore(
                    library: library, request: request, description: description,
                    policy: LibraryPolicy(allowed: [], referenceIsRequest: false),
                    listener: HostListener(onNotice: { _ in }))
            }
        }
    }
}
