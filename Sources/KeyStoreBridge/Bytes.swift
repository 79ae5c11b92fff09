public import CKeyStore
public import KeyStoreCore

extension keystore_bytes {
    /// The bytes, for the length of the call that passed them; none where the length cannot be that of anything in memory.
    public var buffer: UnsafeRawBufferPointer {
        // A length that C has as unsigned arrives here as a signed number.
        UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : max(count, 0))
    }

    /// A copy. Throws `invalidReply` where there are more than `limit` bytes, or a length without bytes.
    public func copied(_ what: String, limit: Int) throws(KeyStoreError) -> [UInt8] {
        guard (0...limit).contains(count), data != nil || count == 0 else {
            throw KeyStoreError(.invalidReply, "\(what) is longer than \(limit) bytes, or missing")
        }
        return Array(buffer)
    }

    /// A copy as text. Throws `invalidReply` where it is not UTF-8 or longer than `limit` bytes.
    public func text(_ what: String, limit: Int) throws(KeyStoreError) -> String {
        guard let text = String(validating: try copied(what, limit: limit), as: UTF8.self) else {
            throw KeyStoreError(.invalidReply, "\(what) is not UTF-8 text")
        }
        return text
    }

    /// A reference. Throws `invalidReply` where it is none.
    public func uri(_ what: String) throws(KeyStoreError) -> KeyStoreURI {
        let text = try text(what, limit: KeyStoreURI.maximumLength)
        do {
            return try KeyStoreURI(text)
        } catch {
            throw KeyStoreError(.invalidReply, "\(what) is not a valid reference: \(error.message)", subject: text)
        }
    }

    /// Bytes that live as long as the buffer does.
    public init(_ buffer: UnsafeRawBufferPointer) {
        self.init(data: buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), count: buffer.count)
    }
}

/// Lends a string's bytes for the length of the call.
public func withBytes<Result>(of text: String, _ body: (keystore_bytes) -> Result) -> Result {
    withBytes(of: Array(text.utf8), body)
}

/// Lends an array's bytes for the length of the call.
public func withBytes<Result>(of bytes: [UInt8], _ body: (keystore_bytes) -> Result) -> Result {
    bytes.withUnsafeBytes { body(keystore_bytes($0)) }
}
