import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PKCS11Session: KeyImportingBackendSession {
    func importKey(
        pem: UnsafeRawBufferPointer, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        do throws(KeyStoreError) {
            try ForkGuard.demandSameProcess()
            // Before a session is borrowed, as a person may be typing the passphrase.
            let source = try PrivateKey(pem: pem) { () throws(KeyStoreError) in
                try provider.host.secret(
                    PINRequest(kind: .passphrase, subject: "the key to import", uri: uri.redacted))
            }
            try purpose.demand(of: source.type, "import key", uri)
            guard source.type != .x25519 else {
                throw KeyStoreError(.unsupportedMechanism, "X25519 keys are not put on PKCS#11 tokens")
            }
            return try naming("import key", at: uri) { () throws(KeyStoreError) in
                let (id, label) = try prepareNewKey(at: uri, "import key")
                try demandUse(of: source.type, purpose, "import key", uri)
                return try store(source, try source.components(), purpose, id: id, label: label)
            }
        } catch {
            throw error.during("import key", of: uri.text)
        }
    }

    private func store(
        _ source: PrivateKey, _ components: KeyComponents, _ purpose: KeyPurpose, id: [UInt8], label: [UInt8]
    ) throws(KeyStoreError) -> PKCS11Key {
        var privateTemplate = try privateKeyTemplate(source.type, purpose, id: id, label: label)
        privateTemplate.add(CKA_CLASS, CKO_PRIVATE_KEY)
        let edwardsKeyType = try mechanisms().edwardsForm?.keyType ?? CKK_EC_EDWARDS
        Self.addSecrets(of: components, edwardsKeyType, to: &privateTemplate)
        var publicTemplate = publicKeyTemplate(source.type, purpose, id: id, label: label)
        Self.addPublicPart(of: components, edwardsKeyType, to: &publicTemplate)
        let privateHandle = try create(&privateTemplate, source.type)
        var publicHandle: CK_OBJECT_HANDLE = 0
        do throws(KeyStoreError) {
            publicHandle = try create(&publicTemplate, source.type)
            let key = try takeNewKey(privateHandle, public: publicHandle, source.type, purpose, "import key")
            guard try key.publicKey() == source.publicKey() else {
                throw KeyStoreError(
                    .invalidReply, "the token holds another key than the one that was given to it",
                    operation: "import key")
            }
            return key
        } catch {
            removeRemains([privateHandle, publicHandle])
            throw error
        }
    }

    private func create(
        _ template: inout AttributeTemplate, _ type: KeyType
    ) throws(KeyStoreError) -> CK_OBJECT_HANDLE {
        try willChangeToken()
        var object: CK_OBJECT_HANDLE = 0
        let result = template.withAttributes { attributes, count in
            connection.objects.changing { cryptoki.createObject(handle, attributes, count, &object) }
        }
        switch result {
        case CKR_OK: return object
        case CKR_FUNCTION_NOT_SUPPORTED, CKR_TEMPLATE_INCONSISTENT, CKR_TEMPLATE_INCOMPLETE, CKR_ATTRIBUTE_TYPE_INVALID,
            CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_READ_ONLY, CKR_ACTION_PROHIBITED:
            // Most tokens take no private key from outside, and each says so in its own way.
            var error = KeyStoreError.pkcs11(result, "C_CreateObject", during: "import key")
            error.code = .unsupportedOperation
            error.message = "the token does not take \(type) keys from outside"
            throw error
        default: throw KeyStoreError.pkcs11(result, "C_CreateObject", during: "import key")
        }
    }

    private static func addSecrets(
        of components: KeyComponents, _ edwardsKeyType: CK_KEY_TYPE, to template: inout AttributeTemplate
    ) {
        func add(_ type: CK_ATTRIBUTE_TYPE, _ secret: SecretBytes) {
            secret.withBytes { template.add(type, $0) }
        }
        switch components {
        case .rsa(let key):
            template.add(CKA_KEY_TYPE, CKK_RSA)
            template.add(CKA_MODULUS, key.modulus)
            template.add(CKA_PUBLIC_EXPONENT, key.publicExponent)
            add(CKA_PRIVATE_EXPONENT, key.privateExponent)
            add(CKA_PRIME_1, key.prime1)
            add(CKA_PRIME_2, key.prime2)
            add(CKA_EXPONENT_1, key.exponent1)
            add(CKA_EXPONENT_2, key.exponent2)
            add(CKA_COEFFICIENT, key.coefficient)
        case .ec(let key):
            template.add(CKA_KEY_TYPE, CKK_EC)
            template.add(CKA_EC_PARAMS, key.curve)
            add(CKA_VALUE, key.scalar)
        case .ed25519(let key):
            template.add(CKA_KEY_TYPE, edwardsKeyType)
            template.add(CKA_EC_PARAMS, Curve.ed25519.identifier)
            add(CKA_VALUE, key.seed)
        // Refused above.
        case .x25519: break
        }
    }

    private static func addPublicPart(
        of components: KeyComponents, _ edwardsKeyType: CK_KEY_TYPE, to template: inout AttributeTemplate
    ) {
        template.add(CKA_CLASS, CKO_PUBLIC_KEY)
        switch components {
        case .rsa(let key):
            template.add(CKA_KEY_TYPE, CKK_RSA)
            template.add(CKA_MODULUS, key.modulus)
            template.add(CKA_PUBLIC_EXPONENT, key.publicExponent)
        case .ec(let key):
            template.add(CKA_KEY_TYPE, CKK_EC)
            template.add(CKA_EC_PARAMS, key.curve)
            template.add(CKA_EC_POINT, DERWriter.value(DERWriter.octetString, key.point))
        case .ed25519(let key):
            template.add(CKA_KEY_TYPE, edwardsKeyType)
            template.add(CKA_EC_PARAMS, Curve.ed25519.identifier)
            template.add(CKA_EC_POINT, DERWriter.value(DERWriter.octetString, key.publicKey))
        case .x25519: break
        }
    }
}
