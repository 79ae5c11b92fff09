import CKeyStore
import KeyStoreBridge
public import KeyStoreCore

/// Finds the backend for a reference, loads it, and opens stores with it.
///
///     let loader = BackendLoader()
///     let key = try await loader.key(at: "pkcs11:token=demo;object=ziggy", pin: .prompt)
///     let signature = try await key.sign(message, using: .ecdsaP256SHA256)
///
/// The backend is the one named in the call, else by the reference's query attribute `backend`, else by its scheme; its
/// library is `libkeystore-NAME.so`. A value, and cheap to copy; libraries are loaded once in a process.
public struct BackendLoader: Sendable {
    private let search: PluginSearch
    private let allowedModules: [String]
    private let listener: HostListener

    /// Makes a loader.
    /// - Parameters:
    ///   - pluginDirectories: Where plugins are looked for; nil for the running program's own folder and, if that is
    ///     named `bin`, the `lib/ziti-keystore` beside it.
    ///   - allowedModules: Absolute paths of native libraries that backends may load although only a file asks for them.
    ///   - onNotice: Called with warnings and with what a device waits for, on the thread of the operation.
    ///   - onTrace: Called with a line for each native call and what it returned, without secrets, on whichever thread makes
    ///     it, also on several at once. For reports of faults: it makes calls slower.
    public init(
        pluginDirectories: [String]? = nil, allowedModules: [String] = [],
        onNotice: @escaping @Sendable (Notice) -> Void = { _ in }, onTrace: (@Sendable (String) -> Void)? = nil
    ) {
        search = PluginSearch(directories: pluginDirectories)
        self.allowedModules = allowedModules
        listener = HostListener(onNotice: onNotice, onTrace: onTrace)
    }

    /// Where plugins are looked for, in order.
    public var pluginDirectories: [String] { search.directories }

    /// What stands in the plugin folders: each library's description, or why it cannot be used.
    public func backends() -> [InstalledBackend] {
        search.names().map { name in
            do throws(KeyStoreError) {
                let library = try search.library(named: name)
                return InstalledBackend(name: name, path: library.path, info: .success(library.info))
            } catch {
                return InstalledBackend(name: name, path: nil, info: .failure(error))
            }
        }
    }

    /// Reads a reference without touching a device: its normal form, what it says, and warnings. Throws `invalidURI`,
    /// `noSuchBackend`.
    public func describe(_ uri: KeyStoreURI, backend: String? = nil) throws(KeyStoreError) -> URIInfo {
        try describe(uri, with: try library(for: uri, backend: backend))
    }

    /// Whether everything that the pattern asks for is so in the candidate.
    public func uri(
        _ pattern: KeyStoreURI, matches candidate: KeyStoreURI, backend: String? = nil
    ) throws(KeyStoreError) -> Bool {
        let table = try library(for: pattern, backend: backend).table.pointer.pointee
        let error = ErrorStorage()
        var matches: Int32 = 0
        let status = withBytes(of: pattern.text) { pattern in
            withBytes(of: candidate.text) { table.match_uri(table.plugin, pattern, $0, &matches, error.pointer) }
        }
        guard status == KEYSTORE_OK else {
            throw error.take(status: status).during("compare references", of: pattern.text)
        }
        return matches != 0
    }

    /// Opens a store whose calls block the calling thread. Logs in nowhere.
    public func openBlocking(
        _ request: OpenRequest, backend: String? = nil
    ) throws(KeyStoreError) -> BlockingKeyStore {
        let library = try library(for: request.uri, backend: backend)
        return try BlockingKeyStore(
            library: library, request: request, description: try describe(request.uri, with: library),
            policy: LibraryPolicy(allowed: allowedModules, referenceIsRequest: request.referenceIsRequest),
            listener: listener)
    }

    /// Opens a store. Logs in nowhere. The request's time limit holds for each later call too.
    public func open(_ request: OpenRequest, backend: String? = nil) async throws(KeyStoreError) -> any KeyStore {
        let store = try await LoadedKeyStore.open(timeoutMilliseconds: request.timeoutMilliseconds) {
            () throws(KeyStoreError) in try openBlocking(request, backend: backend)
        }
        // Not by the whole reference: what it says of a key loads nothing, and a program may open any number of those.
        ProcessEnd.watch(afterOpening: "\(store.backend.name) \(store.uri.query ?? "") \(request.module ?? "")")
        return store
    }

    /// Opens a store.
    public func open(_ uri: String, backend: String? = nil) async throws(KeyStoreError) -> any KeyStore {
        try await open(OpenRequest(uri: try KeyStoreURI(uri)), backend: backend)
    }

    /// Finds the one key that a reference names, logging in if that is needed. The key keeps its session open.
    public func key(at uri: String, pin: PINSource) async throws(KeyStoreError) -> any Key {
        let reference = try KeyStoreURI(uri)
        let store = try await open(OpenRequest(uri: reference))
        return try await store.openSession(pin: pin).key(at: reference)
    }

    private func describe(_ uri: KeyStoreURI, with library: PluginLibrary) throws(KeyStoreError) -> URIInfo {
        let table = library.table.pointer.pointee
        let error = ErrorStorage()
        let emission = URIEmission()
        let status = withBytes(of: uri.text) {
            table.describe_uri(table.plugin, $0, URIEmission.sink, emission.context, error.pointer)
        }
        guard status == KEYSTORE_OK else { throw error.take(status: status).during("read reference", of: uri.text) }
        guard let result = emission.result else {
            throw KeyStoreError(
                .invalidReply, "the plugin read a reference and did not say how", operation: "read reference",
                subject: uri.text)
        }
        do {
            return try result.get()
        } catch {
            throw error.during("read reference", of: uri.text)
        }
    }

    private func library(for uri: KeyStoreURI, backend: String?) throws(KeyStoreError) -> PluginLibrary {
        let wanted = try uri.queryText("backend")
        if let backend, let wanted, backend != wanted {
            throw KeyStoreError(
                .invalidURI, "the reference asks for the backend '\(wanted)', and '\(backend)' was chosen",
                operation: "choose backend", subject: uri.text)
        }
        let name = backend ?? wanted ?? uri.scheme
        guard name.utf8.allSatisfy({ Self.nameCharacters.contains($0) }), !name.isEmpty else {
            throw KeyStoreError(
                .invalidURI, "'\(name)' is not a backend's name", operation: "choose backend", subject: uri.text)
        }
        let library = try search.library(named: name)
        guard library.info.schemes.contains(uri.scheme) || library.info.reads.contains(uri.scheme) else {
            throw KeyStoreError(
                .invalidURI, "the backend '\(name)' does not understand '\(uri.scheme):' references",
                operation: "choose backend", subject: uri.text)
        }
        return library
    }

    private static let nameCharacters = Set("abcdefghijklmnopqrstuvwxyz0123456789+-.".utf8)
}
