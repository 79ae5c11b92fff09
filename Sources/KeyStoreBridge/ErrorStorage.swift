public import CKeyStore
public import KeyStoreCore

/// The error storage that a caller owns: made once, used for many calls.
public final class ErrorStorage {
    private static let messageCapacity = 16384

    private let storage: UnsafeMutablePointer<keystore_error>
    // Kept beside the struct: whoever fills that may put a pointer of its own there.
    private let message: UnsafeMutablePointer<CChar>

    /// Makes empty storage.
    public init() {
        storage = .allocate(capacity: 1)
        storage.initialize(to: keystore_error())
        message = .allocate(capacity: Self.messageCapacity)
        message.initialize(repeating: 0, count: Self.messageCapacity)
        clear()
    }

    deinit {
        message.deallocate()
        storage.deallocate()
    }

    /// What is passed to the other side for one call. Its size is set, and nothing is left in it of an earlier call, also
    /// of one that wrote to it and then succeeded.
    public var pointer: UnsafeMutablePointer<keystore_error> {
        let isClean =
            storage.pointee.code == 0 && storage.pointee.message == message && message.pointee == 0
            && storage.pointee.operation.0 == 0 && storage.pointee.native_domain.0 == 0
            && storage.pointee.tries_left == -1 && storage.pointee.message_capacity == Self.messageCapacity
        if !isClean { clear() }
        return storage
    }

    /// The error that the other side reported with this status. Empties the storage for its next use. Text that is not
    /// UTF-8 is repaired, as an error must not hide behind another.
    public func take(status: Int32) -> KeyStoreError {
        let reason = text(UnsafeRawBufferPointer(start: message, count: Self.messageCapacity))
        let domain = withUnsafeBytes(of: storage.pointee.native_domain, text)
        let native = NativeError(
            domain: domain, function: withUnsafeBytes(of: storage.pointee.native_function, text),
            name: withUnsafeBytes(of: storage.pointee.native_name, text), number: storage.pointee.native_number)
        let triesLeft = storage.pointee.tries_left
        let error = KeyStoreError(
            KeyStoreError.Code(rawValue: status), reason.isEmpty ? "no reason was given" : reason,
            operation: withUnsafeBytes(of: storage.pointee.operation, text),
            native: domain.isEmpty ? nil : native, triesLeft: triesLeft >= 0 ? Int(triesLeft) : nil)
        clear()
        return error
    }

    private func clear() {
        storage.pointee = keystore_error()
        storage.pointee.size = UInt32(MemoryLayout<keystore_error>.size)
        storage.pointee.tries_left = -1
        storage.pointee.message = message
        message.pointee = 0
        storage.pointee.message_capacity = Self.messageCapacity
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension KeyStoreError {
    /// Writes the error into the caller's storage, cut to what fits, and returns the status to return. Storage of another
    /// layout than this version's first is left alone.
    public func report(to storage: UnsafeMutablePointer<keystore_error>?) -> Int32 {
        let status = code.rawValue == 0 ? KeyStoreError.Code.backendFailure.rawValue : code.rawValue
        guard let storage, storage.pointee.size >= MemoryLayout<keystore_error>.size else { return status }
        storage.pointee.code = status
        storage.pointee.tries_left = triesLeft.flatMap(Int32.init(exactly:)) ?? -1
        storage.pointee.native_number = native?.number ?? 0
        withUnsafeMutableBytes(of: &storage.pointee.native_domain) { Self.write(native?.domain ?? "", to: $0) }
        withUnsafeMutableBytes(of: &storage.pointee.native_name) { Self.write(native?.name ?? "", to: $0) }
        withUnsafeMutableBytes(of: &storage.pointee.native_function) { Self.write(native?.function ?? "", to: $0) }
        withUnsafeMutableBytes(of: &storage.pointee.operation) { Self.write(operation, to: $0) }
        if let message = storage.pointee.message {
            Self.write(
                self.message,
                to: UnsafeMutableRawBufferPointer(start: message, count: max(storage.pointee.message_capacity, 0)))
        }
        return status
    }

    /// Cuts between characters, so that the result stays UTF-8.
    private static func write(_ text: String, to space: UnsafeMutableRawBufferPointer) {
        guard space.count > 0 else { return }
        var used = 0
        for character in text {
            let bytes = character.utf8
            guard used + bytes.count < space.count else { break }
            for byte in bytes {
                space[used] = byte
                used += 1
            }
        }
        space[used] = 0
    }
}
