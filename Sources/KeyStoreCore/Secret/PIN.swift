/// A PIN or passphrase. Prints as a mask, and is wiped when the last holder lets go of it.
///
/// What this cannot do: bytes that came from a `String`, or that a caller copies out of `withBytes`, stay in memory until
/// that memory is used again; and the pages are not locked, so they may reach swap space. Read secrets straight into a
/// `PIN`, and turn swap off or encrypt it where that matters.
public final class PIN: @unchecked Sendable {
    /// The longest secret that is accepted, in bytes. Private keys as PEM text travel as this type too, and they are longer
    /// than any PIN.
    public static let maximumLength = 1 << 20

    // Never changed after init, which is why the type may cross threads.
    private let storage: UnsafeMutableRawBufferPointer

    /// Copies the bytes. The caller wipes its own copy. Throws `invalidData` for more than `maximumLength` bytes.
    public init(_ bytes: UnsafeRawBufferPointer) throws(KeyStoreError) {
        guard bytes.count <= Self.maximumLength else {
            throw KeyStoreError(
                .invalidData, "a PIN, passphrase or PEM text is longer than \(Self.maximumLength) bytes")
        }
        storage = .allocate(byteCount: max(bytes.count, 1), alignment: 16)
        storage.copyMemory(from: bytes)
        count = bytes.count
    }

    /// Copies the UTF-8 bytes of a string, which itself cannot be wiped. Throws `invalidData` as the other initialiser does.
    public convenience init(_ text: String) throws(KeyStoreError) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(text.utf8.count, 1), alignment: 16)
        defer {
            Self.wipe(bytes)
            bytes.deallocate()
        }
        bytes.copyBytes(from: text.utf8)
        try self.init(UnsafeRawBufferPointer(rebasing: bytes[..<text.utf8.count]))
    }

    deinit {
        Self.wipe(storage)
        storage.deallocate()
    }

    /// The length in bytes.
    public let count: Int

    /// Whether there is nothing in it.
    public var isEmpty: Bool { count == 0 }

    /// Lends the bytes for the length of the call.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }

    /// Overwrites memory with zeros. Not optimised, so that the call stays although nobody reads the memory afterwards.
    @inline(never)
    @_optimize(none)
    public static func wipe(_ memory: UnsafeMutableRawBufferPointer) { overwrite(memory) }

    /// Optimised: byte by byte, four kilobytes took longer than a card takes to answer.
    @inline(never)
    private static func overwrite(_ memory: UnsafeMutableRawBufferPointer) {
        memory.initializeMemory(as: UInt8.self, repeating: 0)
    }
}

extension PIN: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A mask.
    public var description: String { "PIN(\(KeyStoreURI.mask))" }
    /// A mask.
    public var debugDescription: String { description }
    /// Nothing: `dump` shows a mask too.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
