import CP11Kit

/// An attribute in a trace: its name, and its value where that can be no secret.
enum AttributeDescription {
    private enum Meaning {
        case flag
        case number
        case objectClass
        case keyType
        case text
        case bytes
        case mechanisms
    }

    /// "CKA_LABEL "key"", or "CKA_VALUE 32 bytes".
    /// `room` is how many bytes there were for the value before a module wrote it.
    static func text(_ attribute: CK_ATTRIBUTE, room: CK_ULONG) -> String {
        let name = AttributeName.of(attribute.type)
        guard attribute.ulValueLen != CK_ULONG.max else { return "\(name) unavailable" }
        let length = "\(name) \(attribute.ulValueLen) bytes"
        guard let meaning = meanings[attribute.type], let value = attribute.pValue,
            attribute.ulValueLen <= min(room, limit)
        else {
            return length
        }
        let bytes = UnsafeRawBufferPointer(start: value, count: Int(attribute.ulValueLen))
        guard let shown = text(bytes, meaning) else { return length }
        return "\(name) \(shown)"
    }

    /// "CKA_LABEL 128 bytes", "CKA_LABEL NULL": where a value is to be written.
    static func room(_ attribute: CK_ATTRIBUTE) -> String {
        let name = AttributeName.of(attribute.type)
        return attribute.pValue == nil ? "\(name) NULL" : "\(name) \(attribute.ulValueLen) bytes"
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ meaning: Meaning) -> String? {
        func number() -> CK_ULONG? {
            bytes.count == MemoryLayout<CK_ULONG>.size ? bytes.loadUnaligned(as: CK_ULONG.self) : nil
        }
        switch meaning {
        case .flag: return bytes.count == 1 ? (bytes[0] == 0 ? "false" : "true") : nil
        case .number: return number().map { String($0) }
        case .objectClass: return number().map { ObjectClassName.of($0) }
        case .keyType: return number().map { KeyTypeName.of($0) }
        case .text: return CallDescription.quoted(Array(bytes))
        case .bytes: return Hex.encode(bytes)
        case .mechanisms:
            let size = MemoryLayout<CK_MECHANISM_TYPE>.size
            guard bytes.count % size == 0 else { return nil }
            let names = stride(from: 0, to: bytes.count, by: size).map {
                MechanismName.of(bytes.loadUnaligned(fromByteOffset: $0, as: CK_MECHANISM_TYPE.self))
            }
            return "[\(names.joined(separator: " "))]"
        }
    }

    private static let limit: CK_ULONG = 256

    /// What may be written. What is not here is written as a length: CKA_VALUE is a certificate in one object and a private
    /// key in another.
    private static let meanings: [CK_ATTRIBUTE_TYPE: Meaning] = [
        CKA_CLASS: .objectClass, CKA_KEY_TYPE: .keyType, CKA_CERTIFICATE_TYPE: .number, CKA_LABEL: .text,
        CKA_ID: .bytes,
        CKA_TOKEN: .flag, CKA_PRIVATE: .flag, CKA_SENSITIVE: .flag, CKA_EXTRACTABLE: .flag, CKA_LOCAL: .flag,
        CKA_NEVER_EXTRACTABLE: .flag, CKA_ALWAYS_SENSITIVE: .flag, CKA_MODIFIABLE: .flag, CKA_COPYABLE: .flag,
        CKA_DESTROYABLE: .flag, CKA_ALWAYS_AUTHENTICATE: .flag, CKA_WRAP_WITH_TRUSTED: .flag, CKA_TRUSTED: .flag,
        CKA_ENCRYPT: .flag, CKA_DECRYPT: .flag, CKA_SIGN: .flag, CKA_SIGN_RECOVER: .flag, CKA_VERIFY: .flag,
        CKA_VERIFY_RECOVER: .flag, CKA_WRAP: .flag, CKA_UNWRAP: .flag, CKA_DERIVE: .flag, CKA_MODULUS_BITS: .number,
        CKA_PUBLIC_EXPONENT: .bytes, CKA_VALUE_LEN: .number, CKA_EC_PARAMS: .bytes, CKA_EC_POINT: .bytes,
        0x4000_0600: .mechanisms,  // CKA_ALLOWED_MECHANISMS
    ]
}
