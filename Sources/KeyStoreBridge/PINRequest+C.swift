public import CKeyStore
public import KeyStoreCore

extension PINRequest {
    /// Lends the request as the struct that crosses the boundary.
    public func withC<Result>(_ body: (UnsafePointer<keystore_secret_request>) -> Result) -> Result {
        let arena = Arena()
        var request = keystore_secret_request()
        request.size = UInt32(MemoryLayout<keystore_secret_request>.size)
        request.kind = kind.rawValue
        request.tries_left = triesLeft.flatMap(Int32.init(exactly:)) ?? -1
        request.flags = countIsLow ? UInt32(KEYSTORE_SECRET_COUNT_LOW) : 0
        request.subject = arena.bytes(subject)
        request.uri = arena.bytes(uri)
        return withExtendedLifetime(arena) { withUnsafePointer(to: request, body) }
    }

    /// Reads a request that came over the boundary. Throws `invalidReply` for what cannot be right.
    public init(checking pointer: UnsafePointer<keystore_secret_request>) throws(KeyStoreError) {
        guard pointer.pointee.size >= MemoryLayout<keystore_secret_request>.size else {
            throw KeyStoreError(.invalidReply, "the plugin asked for a secret in a struct that is too small")
        }
        let request = pointer.pointee
        guard let kind = Kind(rawValue: request.kind) else {
            throw KeyStoreError(.invalidReply, "the plugin asked for a secret of a kind that is not defined")
        }
        self.init(
            kind: kind, subject: try request.subject.text("a request's subject", limit: 4096),
            uri: KeyStoreURI.redact(try request.uri.text("a request's URI", limit: KeyStoreURI.maximumLength)),
            triesLeft: request.tries_left >= 0 ? Int(request.tries_left) : nil,
            countIsLow: request.flags & UInt32(KEYSTORE_SECRET_COUNT_LOW) != 0)
    }
}
