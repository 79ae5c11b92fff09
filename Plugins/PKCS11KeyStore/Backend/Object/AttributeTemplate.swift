import CP11Kit
import KeyStoreCore

/// A template for finding or making objects. Owns the values, and overwrites them with zeros in the end, as a key that is
/// imported is among them.
struct AttributeTemplate: ~Copyable {
    private var attributes: [CK_ATTRIBUTE] = []

    init() {}

    deinit {
        for attribute in attributes { Self.free(attribute) }
    }

    private static func free(_ attribute: CK_ATTRIBUTE) {
        guard let value = attribute.pValue else { return }
        PIN.wipe(UnsafeMutableRawBufferPointer(start: value, count: Int(attribute.ulValueLen)))
        value.deallocate()
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ bytes: UnsafeRawBufferPointer) {
        let value = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        value.copyMemory(from: bytes)
        attributes.append(CK_ATTRIBUTE(type: type, pValue: value.baseAddress, ulValueLen: CK_ULONG(bytes.count)))
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
            let value = UnsafeRawBufferPointer(start: attribute.pValue, count: Int(attribute.ulValueLen))
            guard isUnwanted(attribute.type, value) else { return false }
            Self.free(attribute)
            return true
        }
    }

    /// Lends the template to a function of the module.
    mutating func withAttributes(
        _ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) -> CK_RV
    ) -> CK_RV {
        attributes.withUnsafeMutableBufferPointer { body($0.baseAddress, CK_ULONG($0.count)) }
    }
}
