internal import CLibCrypto

/// Bytes of a private key outside OpenSSL. Overwritten with zeros when the last holder lets go of them; the pages are not
/// locked, so they may reach swap space.
public final class SecretBytes {
    private let storage: UnsafeMutableRawBufferPointer

    /// Zeros, which `fill` then overwrites.
    init<Failure: Error>(
        count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        storage = .allocate(byteCount: max(count, 1), alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        self.count = count
        try fill(UnsafeMutableRawBufferPointer(rebasing: storage[..<count]))
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    /// The length in bytes.
    public let count: Int

    /// Lends the bytes for the length of the call.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    /// A mask.
    public var description: String { "SecretBytes(***)" }
    /// Nothing: `dump` shows a mask too.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
