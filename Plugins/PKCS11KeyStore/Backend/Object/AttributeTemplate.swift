import CP11Kit
import KeyStoreCore

/// A template for finding or making objects. Owns the values, and overwrites them with zeros in the end, as a key that is
/// imported is among them.
struct AttributeTemplate: ~Copyable {
    private struct Attribute {
        let type: CK_ATTRIBUTE_TYPE
        /// What was allocated; an empty value has a byte too, so that its pointer is none to nothing.
        let memory: UnsafeMutableRawBufferPointer
        let count: Int

        var value: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

        func free() {
            PIN.wipe(memory)
            memory.deallocate()
        }
    }

    private var attributes: [Attribute] = []

    init() {}

    deinit {
        for attribute in attributes { attribute.free() }
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ bytes: UnsafeRawBufferPointer) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        memory.copyMemory(from: bytes)
        attributes.append(Attribute(type: type, memory: memory, count: bytes.count))
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add(type, $0) }
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ number: CK_ULONG) {
        withUnsafeBytes(of: number) { add(type, $0) }
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ flag: Bool) {
        withUnsafeBytes(of: flag ? CK_BBOOL(1) : CK_BBOOL(0)) { add(type, $0) }
    }

    /// Takes out the attributes for whose types and values the answer is true.
    mutating func removeAll(where isUnwanted: (CK_ATTRIBUTE_TYPE, UnsafeRawBufferPointer) -> Bool) {
        attributes.removeAll { attribute in
            guard isUnwanted(attribute.type, attribute.value) else { return false }
            attribute.free()
            return true
        }
    }

    /// Lends the template to a function of the module, as a list of its own: whatever pointers and lengths the function
    /// leaves in there are believed by nobody.
    mutating func withAttributes(
        _ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) -> CK_RV
    ) -> CK_RV {
        var list = attributes.map {
            CK_ATTRIBUTE(type: $0.type, pValue: $0.memory.baseAddress, ulValueLen: CK_ULONG($0.count))
        }
        return list.withUnsafeMutableBufferPointer { body($0.baseAddress, CK_ULONG($0.count)) }
    }
}
