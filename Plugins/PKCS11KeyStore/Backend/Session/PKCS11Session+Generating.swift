import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import Synchronization

extension PKCS11Session {
    func generateKey(
        _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try purpose.demand(of: type, "generate key", uri)
        return try naming("generate key", at: uri) { () throws(KeyStoreError) in
            let (id, label) = try prepareNewKey(at: uri, "generate key")
            let mechanism = try generationMechanism(for: type)
            try demandUse(of: type, purpose, "generate key", uri)
            var privateTemplate = try privateKeyTemplate(type, purpose, id: id, label: label)
            if quirks.contains(.unsaidUses) { privateTemplate.leaveDeniedUsesUnsaid() }
            var handles: (public: CK_OBJECT_HANDLE, private: CK_OBJECT_HANDLE) = (0, 0)
            var result: CK_RV = CKR_OK
            try willChangeToken()
            // Modules differ in which spelling of a curve they take.
            for parameters in Curve(type)?.spellings ?? [[]] {
                var publicTemplate = try publicKeyTemplate(type, purpose, id: id, label: label, curve: parameters)
                if quirks.contains(.unsaidUses) { publicTemplate.leaveDeniedUsesUnsaid() }
                var parameterless = CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
                result = publicTemplate.withAttributes { publicAttributes, publicCount in
                    privateTemplate.withAttributes { privateAttributes, privateCount in
                        connection.objects.changing {
                            cryptoki.generateKeyPair(
                                handle, &parameterless, publicAttributes, publicCount, privateAttributes, privateCount,
                                &handles.public, &handles.private)
                        }
                    }
                }
                if result == CKR_OK || !Self.refusesCurve(result) { break }
                // Words that say so little may come after the key was made.
                if Self.saysLittle(result), try !isFree(id: id) { break }
            }
            guard result == CKR_OK else {
                throw Self.refused(result, "C_GenerateKeyPair", type, during: "generate key")
            }
            do throws(KeyStoreError) {
                return try takeNewKey(handles.private, public: handles.public, type, purpose, "generate key")
            } catch {
                removeRemains([handles.private, handles.public])
                throw error.during("generate key", of: uri.text)
            }

        }
    }

    /// Runs what gives a new key its name, one at a time on each token, so that no other key takes the name between the check
    /// that it is free and the making. Logs in before, as nobody is to wait for a person's PIN.
    func naming<Result>(
        _ operation: String, at uri: KeyStoreURI, _ body: () throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        try perform(operation) { () throws(KeyStoreError) in
            try demandWritable(operation)
            _ = try reference(uri, operation, types: [.private])
            try logIn()
            var made: Result?
            try connection.naming.withLock { (_) throws(KeyStoreError) in made = try body() }
            return made!
        }
    }

    /// The label and id of a key that is about to be made: both free. Throws `keyExists` otherwise, as tokens would make a
    /// second key of that name, and NSS would overwrite the first.
    func prepareNewKey(
        at uri: KeyStoreURI, _ operation: String
    ) throws(KeyStoreError) -> (id: [UInt8], label: [UInt8]) {
        let read = try reference(uri, operation, types: [.private])
        let label = read.label ?? []
        if !label.isEmpty {
            var template = AttributeTemplate()
            template.add(CKA_LABEL, label)
            try demandFree(template, "label", operation, uri)
        }
        // RFC 7512 §2.4 allows an empty id, which names nothing.
        guard let id = read.id, !id.isEmpty else { return (Self.randomID(), label) }
        var template = AttributeTemplate()
        template.add(CKA_ID, id)
        try demandFree(template, "id", operation, uri)
        return (id, label)
    }

    private func demandFree(
        _ template: consuming AttributeTemplate, _ what: String, _ operation: String, _ uri: KeyStoreURI
    ) throws(KeyStoreError) {
        let taken = try read(try find(template)).first { $0.isPrivateKey || $0.isPublicKey || $0.isCertificate }
        guard let taken else { return }
        let kind = taken.isPrivateKey ? "private key" : taken.isPublicKey ? "public key" : "certificate"
        throw KeyStoreError(
            .keyExists, "the \(what) is taken by a \(kind) on the token: \(try self.uri(of: taken))",
            operation: operation, subject: uri.text)
    }

    private static func randomID() -> [UInt8] { (0..<8).map { _ in UInt8.random(in: .min ... .max) } }

    /// Throws unless the token has a mechanism for each use that the new key is meant for, so that none is made in vain.
    func demandUse(
        of type: KeyType, _ purpose: KeyPurpose, _ operation: String, _ uri: KeyStoreURI
    ) throws(KeyStoreError) {
        let mechanisms = try mechanisms(of: type)
        // Some tokens store keys of types that they cannot use.
        if purpose.contains(.sign), mechanisms.algorithms(of: type).isEmpty {
            throw KeyStoreError(
                .unsupportedMechanism, "the token does not sign with \(type) keys", operation: operation,
                subject: uri.text)
        }
        if purpose.contains(.decrypt), decryptionAlgorithms(of: type, mechanisms).isEmpty {
            throw KeyStoreError(
                .unsupportedMechanism, "the token does not decrypt with \(type) keys", operation: operation,
                subject: uri.text)
        }
        if purpose.contains(.agree), !mechanisms.canAgree(type) {
            throw KeyStoreError(
                .unsupportedMechanism, "the token does not derive shared secrets with \(type) keys",
                operation: operation, subject: uri.text)
        }
    }

    /// Reads a new key back, and makes sure that it is what was asked for: on the token, private, not to be copied, and fit
    /// for what it is for.
    func takeNewKey(
        _ privateHandle: CK_OBJECT_HANDLE, public publicHandle: CK_OBJECT_HANDLE, _ type: KeyType,
        _ purpose: KeyPurpose, _ operation: String
    ) throws(KeyStoreError) -> PKCS11Key {
        let reader = AttributeReader([(CKA_TOKEN, 1), (CKA_PRIVATE, 1), (CKA_SENSITIVE, 1), (CKA_EXTRACTABLE, 1)])
        try reader.read(cryptoki, handle, privateHandle)
        guard reader.flag(0) == true, reader.flag(1) == true, reader.flag(2) == true, reader.flag(3) == false else {
            throw KeyStoreError(
                .policyRefused,
                "the token made the key in a way that leaves it readable or does not keep it, so the key was destroyed",
                operation: operation)
        }
        let records = try read([privateHandle, publicHandle])
        guard records.count == 2 else {
            throw KeyStoreError(.noSuchKey, "the key that the token has just made is gone", operation: operation)
        }
        guard let publicKey = try records[1].publicKey(), publicKey.type == type,
            records[0].type == type
        else {
            throw KeyStoreError(
                .invalidReply, "the token made a key that is not of the type asked for", operation: operation)
        }
        let made = records[0]
        guard made.canSign || !purpose.contains(.sign), made.canDecrypt || !purpose.contains(.decrypt),
            made.canDerive || !purpose.contains(.agree)
        else {
            throw KeyStoreError(
                .unsupportedMechanism,
                "the token made a key that does not do what it is for, so the key was destroyed", operation: operation)
        }
        return PKCS11Key(self, records[0], try info(of: records[0], publicKey: publicKey))
    }

    /// Destroys what a failed operation has made, as far as the token lets it.
    func removeRemains(_ handles: [CK_OBJECT_HANDLE]) {
        for handle in handles where handle != 0 { try? destroy(handle, "remove remains") }
    }

    private func generationMechanism(for type: KeyType) throws(KeyStoreError) -> CK_MECHANISM_TYPE {
        let mechanisms = try mechanisms(of: type)
        let mechanism: CK_MECHANISM_TYPE? =
            switch type {
            case .rsa: mechanisms.contains(.generateRSA) ? CKM_RSA_PKCS_KEY_PAIR_GEN : nil
            case .ecP256, .ecP384, .ecP521: mechanisms.contains(.generateEC) ? CKM_EC_KEY_PAIR_GEN : nil
            case .ed25519: mechanisms.contains(.generateEdwards) ? mechanisms.edwardsForm?.generation : nil
            // What modules have such keys is used; none of those that are known here makes them in the standard's way.
            case .x25519: nil
            }
        guard let mechanism else {
            throw KeyStoreError(
                .unsupportedMechanism, "the token does not make \(type) keys", operation: "generate key")
        }
        return mechanism
    }

    private func isFree(id: [UInt8]) throws(KeyStoreError) -> Bool {
        var template = AttributeTemplate()
        template.add(CKA_ID, id)
        return try find(template).isEmpty
    }

    private static func saysLittle(_ result: CK_RV) -> Bool {
        result == CKR_GENERAL_ERROR || result == CKR_FUNCTION_FAILED
    }

    private static func refusesCurve(_ result: CK_RV) -> Bool {
        [
            CKR_ATTRIBUTE_VALUE_INVALID, CKR_DOMAIN_PARAMS_INVALID, CKR_CURVE_NOT_SUPPORTED, CKR_TEMPLATE_INCONSISTENT,
            CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED,
        ].contains(result)
    }

    /// Modules say in many ways that they have no such keys.
    static func refused(
        _ result: CK_RV, _ function: StaticString, _ type: KeyType, during operation: String
    ) -> KeyStoreError {
        var error = KeyStoreError.pkcs11(result, function, during: operation)
        let codes = [
            CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_TYPE_INVALID, CKR_TEMPLATE_INCONSISTENT, CKR_TEMPLATE_INCOMPLETE,
            CKR_MECHANISM_INVALID, CKR_DOMAIN_PARAMS_INVALID, CKR_CURVE_NOT_SUPPORTED, CKR_KEY_SIZE_RANGE,
        ]
        if codes.contains(result) {
            error.code = .unsupportedMechanism
            error.message =
                "the token does not take \(type) keys as they are wanted here: private, sensitive, for one purpose only"
        }
        return error
    }
}
