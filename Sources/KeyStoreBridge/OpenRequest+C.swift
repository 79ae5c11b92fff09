public import CKeyStore
public import KeyStoreCore

extension OpenRequest {
    /// The struct's size before its first addition.
    private static let firstVersion = MemoryLayout<keystore_open_request>.offset(of: \.module_arguments)!

    /// Lends the request as the struct that crosses the boundary.
    public func withC<Result>(_ body: (UnsafePointer<keystore_open_request>) -> Result) -> Result {
        let arena = Arena()
        var request = keystore_open_request()
        request.size = UInt32(MemoryLayout<keystore_open_request>.size)
        request.flags =
            (referenceIsRequest ? UInt32(KEYSTORE_OPEN_REFERENCE_IS_REQUEST) : 0)
            | (allowsLastTry ? UInt32(KEYSTORE_OPEN_ALLOW_LAST_TRY) : 0)
        request.uri = arena.bytes(uri.text)
        request.module = arena.bytes(module ?? "")
        request.timeout_ms = timeoutMilliseconds ?? 0
        request.module_arguments = arena.bytes(moduleArguments ?? "")
        return withExtendedLifetime(arena) { withUnsafePointer(to: request, body) }
    }

    /// Reads a request that came over the boundary. Throws `invalidURI` or `invalidData` for what cannot be right.
    public init(checking pointer: UnsafePointer<keystore_open_request>) throws(KeyStoreError) {
        guard let request = prefix(of: pointer, firstVersion: Self.firstVersion) else {
            throw KeyStoreError(.invalidData, "the program asked for a store in a struct that is too small")
        }
        let texts: (uri: String, module: String, arguments: String)
        do {
            texts.uri = try request.uri.text("a reference", limit: KeyStoreURI.maximumLength)
            texts.module = try request.module.text("a module's path", limit: 4096)
            texts.arguments = try request.module_arguments.text("a module's arguments", limit: 16384)
        } catch {
            throw KeyStoreError(.invalidData, error.message)
        }
        let module = texts.module
        self.init(
            uri: try KeyStoreURI(texts.uri),
            module: module.isEmpty ? nil : module,
            moduleArguments: texts.arguments.isEmpty ? nil : texts.arguments,
            referenceIsRequest: request.flags & UInt32(KEYSTORE_OPEN_REFERENCE_IS_REQUEST) != 0,
            allowsLastTry: request.flags & UInt32(KEYSTORE_OPEN_ALLOW_LAST_TRY) != 0,
            timeoutMilliseconds: request.timeout_ms == 0 ? nil : request.timeout_ms)
    }
}

extension SessionOptions {
    /// The options as the boundary's flags.
    public var boundaryFlags: UInt32 {
        let login: UInt32 =
            switch login {
            case .whenNeeded: 0
            case .atOnce: UInt32(KEYSTORE_SESSION_LOGIN)
            case .never: UInt32(KEYSTORE_SESSION_NO_LOGIN)
            }
        return login | (isWritable ? UInt32(KEYSTORE_SESSION_READ_WRITE) : 0)
    }

    /// Reads flags that came over the boundary.
    public init(boundaryFlags flags: UInt32) {
        self.init(
            isWritable: flags & UInt32(KEYSTORE_SESSION_READ_WRITE) != 0,
            login: flags & UInt32(KEYSTORE_SESSION_NO_LOGIN) != 0
                ? .never : flags & UInt32(KEYSTORE_SESSION_LOGIN) != 0 ? .atOnce : .whenNeeded)
    }
}
