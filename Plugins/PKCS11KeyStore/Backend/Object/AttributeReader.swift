import CP11Kit
import KeyStoreCore

/// Reads the same attributes of many objects, each with one call, into memory of its own.
///
/// Attributes that an object does not have, or does not show, read as nil. Lengths are checked against the memory that was
/// offered; a longer value is read in a second call, up to a limit.
final class AttributeReader {
    private let attributes: UnsafeMutableBufferPointer<CK_ATTRIBUTE>
    private let memory: UnsafeMutableRawBufferPointer
    private let types: [CK_ATTRIBUTE_TYPE]
    private let offsets: [Int]
    private let capacities: [Int]
    private let lengthsVary: [Bool]
    private var long: [Int: [UInt8]] = [:]

    /// `wanted` pairs each attribute with the length in bytes that its values usually stay below. `varying` are those that
    /// every object may have, and of any length.
    init(_ wanted: [(type: CK_ATTRIBUTE_TYPE, capacity: Int)], varying: Set<CK_ATTRIBUTE_TYPE> = []) {
        types = wanted.map(\.type)
        lengthsVary = wanted.map { varying.contains($0.type) }
        attributes = .allocate(capacity: wanted.count)
        attributes.initialize(repeating: CK_ATTRIBUTE())
        capacities = wanted.map(\.capacity)
        var offsets: [Int] = []
        var total = 0
        for item in wanted {
            offsets.append(total)
            total += (item.capacity + 15) & ~15
        }
        self.offsets = offsets
        memory = .allocate(byteCount: max(total, 1), alignment: 16)
    }

    deinit {
        memory.deallocate()
        attributes.deallocate()
    }

    /// Reads the attributes of an object, and forgets those of the one before.
    func read(
        _ cryptoki: Cryptoki, _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE
    ) throws(KeyStoreError) {
        long.removeAll(keepingCapacity: true)
        // A module that answers without writing anything must not give this object the values of the one before.
        memory.initializeMemory(as: UInt8.self, repeating: Self.untouched)
        for index in attributes.indices {
            attributes[index] = CK_ATTRIBUTE(
                type: types[index], pValue: memory.baseAddress! + offsets[index],
                ulValueLen: CK_ULONG(capacities[index])
            )
        }
        let result = cryptoki.getAttributeValue(
            session, object, attributes.baseAddress, CK_ULONG(attributes.count))
        switch result {
        case CKR_OK:
            for index in attributes.indices where isUntouched(index) {
                try readLong(index, cryptoki, session, object)
            }
        case CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE:
            // A module returns one reason for all attributes, which hides that the buffer was too small for another one.
            // And some stop at the first attribute that they do not have.
            for index in attributes.indices where lengthsVary[index] && isUnavailable(index) || isUntouched(index) {
                try readLong(index, cryptoki, session, object)
            }
        case CKR_BUFFER_TOO_SMALL:
            // Some modules leave all values alone then, so that each is asked for again.
            for index in attributes.indices { try readLong(index, cryptoki, session, object) }
        default: throw KeyStoreError.pkcs11(result, "C_GetAttributeValue", during: "read object")
        }
        for index in attributes.indices where long[index] == nil && !isUnavailable(index) {
            guard attributes[index].ulValueLen <= CK_ULONG(capacities[index]) else {
                throw KeyStoreError(
                    .invalidReply, "the module gives a longer attribute than there was room for",
                    operation: "read object")
            }
        }
    }

    /// The value's bytes, valid until the next read; nil where the object has none.
    func withBytes<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        if let bytes = long[index] { return bytes.withUnsafeBytes(body) }
        guard !isUnavailable(index) else { return nil }
        return body(
            UnsafeRawBufferPointer(rebasing: memory[offsets[index]...].prefix(Int(attributes[index].ulValueLen))))
    }

    /// The value, or nil for none or an empty one: modules write an empty value for one that they do not have.
    func bytes(_ index: Int) -> [UInt8]? {
        let bytes = withBytes(index) { Array($0) }
        return bytes?.isEmpty == false ? bytes : nil
    }

    /// The value as a number, or nil for none or one of another length.
    func number(_ index: Int) -> CK_ULONG? {
        withBytes(index) { bytes in
            bytes.count == MemoryLayout<CK_ULONG>.size ? bytes.loadUnaligned(as: CK_ULONG.self) : nil
        } ?? nil
    }

    /// The value as a truth value, or nil for none or one of another length.
    func flag(_ index: Int) -> Bool? {
        withBytes(index) { bytes in bytes.count == 1 ? bytes[0] != 0 : nil } ?? nil
    }

    private func isUnavailable(_ index: Int) -> Bool { attributes[index].ulValueLen == CK_ULONG.max }

    /// Whether the module has written neither a length nor a value.
    private func isUntouched(_ index: Int) -> Bool {
        attributes[index].ulValueLen == CK_ULONG(capacities[index])
            && memory[offsets[index]...].prefix(capacities[index]).allSatisfy { $0 == Self.untouched }
    }

    /// Reads one attribute with calls of its own: for its length, and for its value.
    private func readLong(
        _ index: Int, _ cryptoki: Cryptoki, _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE
    ) throws(KeyStoreError) {
        // Somebody else may be changing the object.
        for _ in 0..<3 {
            var attribute = CK_ATTRIBUTE(type: types[index], pValue: nil, ulValueLen: 0)
            var result = cryptoki.getAttributeValue(session, object, &attribute, 1)
            let isAbsent = result == CKR_ATTRIBUTE_TYPE_INVALID || result == CKR_ATTRIBUTE_SENSITIVE
            guard !isAbsent, attribute.ulValueLen != CK_ULONG.max else {
                attributes[index].ulValueLen = CK_ULONG.max
                return
            }
            try Cryptoki.check(result, "C_GetAttributeValue", during: "read object")
            guard attribute.ulValueLen <= CK_ULONG(Self.maximumLength) else {
                throw KeyStoreError(
                    .invalidReply, "an attribute is \(attribute.ulValueLen) bytes long", operation: "read object")
            }
            var value = [UInt8](repeating: 0, count: Int(attribute.ulValueLen))
            result = value.withUnsafeMutableBytes { buffer in
                attribute.pValue = buffer.baseAddress
                return cryptoki.getAttributeValue(session, object, &attribute, 1)
            }
            if result == CKR_BUFFER_TOO_SMALL { continue }
            try Cryptoki.check(result, "C_GetAttributeValue", during: "read object")
            guard attribute.ulValueLen <= CK_ULONG(value.count) else { break }
            long[index] = Array(value.prefix(Int(attribute.ulValueLen)))
            return
        }
        throw KeyStoreError(.invalidReply, "an attribute grew while it was read", operation: "read object")
    }

    private static let maximumLength = 65536
    /// What the memory is filled with before a module writes to it: no truth value, number or text consists of it.
    private static let untouched: UInt8 = 0xA5
}
