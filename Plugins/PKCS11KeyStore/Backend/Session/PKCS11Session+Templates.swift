import CP11Kit
import KeyStoreCore

extension PKCS11Session {
    /// A private key that stays on the token and does what it is for, and nothing else. Everything is said, because modules' defaults
    /// differ: one makes keys extractable where nothing is said.
    func privateKeyTemplate(
        _ type: KeyType, _ purpose: KeyPurpose, id: [UInt8], label: [UInt8]
    ) throws(KeyStoreError) -> AttributeTemplate {
        var template = AttributeTemplate()
        template.add(CKA_TOKEN, true)
        template.add(CKA_PRIVATE, true)
        template.add(CKA_SENSITIVE, true)
        template.add(CKA_EXTRACTABLE, false)
        template.add(CKA_SIGN, purpose.contains(.sign))
        template.add(CKA_ID, id)
        if !label.isEmpty { template.add(CKA_LABEL, label) }
        // All three are common attributes of private keys (PKCS #11 2.40 §4.9), whether or not the type could do it.
        template.add(CKA_DECRYPT, purpose.contains(.decrypt))
        template.add(CKA_UNWRAP, false)
        template.add(CKA_DERIVE, purpose.contains(.agree))
        return template
    }

    /// The public part, visible without a login.
    func publicKeyTemplate(
        _ type: KeyType, _ purpose: KeyPurpose, id: [UInt8], label: [UInt8], curve: [UInt8]
    ) throws(KeyStoreError) -> AttributeTemplate {
        var template = publicKeyTemplate(type, purpose, id: id, label: label)
        if case .rsa(let bits) = type {
            template.add(CKA_MODULUS_BITS, CK_ULONG(bits))
            template.add(CKA_PUBLIC_EXPONENT, [1, 0, 1])
        } else {
            template.add(CKA_EC_PARAMS, curve)
        }
        return template
    }
    /// What the public parts of new and of imported keys have in common.
    func publicKeyTemplate(
        _ type: KeyType, _ purpose: KeyPurpose, id: [UInt8], label: [UInt8]
    ) -> AttributeTemplate {
        var template = AttributeTemplate()
        template.add(CKA_TOKEN, true)
        template.add(CKA_PRIVATE, false)
        template.add(CKA_VERIFY, purpose.contains(.sign))
        template.add(CKA_ID, id)
        if !label.isEmpty { template.add(CKA_LABEL, label) }
        if case .rsa = type {
            template.add(CKA_ENCRYPT, purpose.contains(.decrypt))
            template.add(CKA_WRAP, false)
        }
        return template
    }
}
