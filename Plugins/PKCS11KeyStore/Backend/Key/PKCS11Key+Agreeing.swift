import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PKCS11Key: AgreeingBackendKey {
    func sharedSecret(with peer: PublicKey) throws(KeyStoreError) -> PIN {
        guard info.canAgree, let curve = info.type.flatMap(Curve.init) else {
            throw KeyStoreError(
                .unsupportedMechanism, "this key derives no shared secrets", operation: "derive",
                subject: info.uri.text)
        }
        // A point that is on another curve than the key's could be made to give the key away, and not every token looks.
        guard peer.type == info.type, try peer.isOnItsCurve() else {
            throw KeyStoreError(
                .invalidData, "the other public key is no point on this key's curve that a secret is made with",
                operation: "derive", subject: info.uri.text)
        }
        let point = Array(peer.der.suffix(curve.pointLength))
        do {
            return try perform("derive") { handle throws(KeyStoreError) in try derive(point, curve, handle) }
        } catch {
            throw error.during("derive", of: info.uri.text)
        }
    }

    /// Tries what modules differ in: whether the point is wrapped in an OCTET STRING (PKCS #11 2.20 had it so), and whether the
    /// template may say how long the secret is.
    private func derive(
        _ point: [UInt8], _ curve: Curve, _ handle: CK_OBJECT_HANDLE
    ) throws(KeyStoreError) -> PIN {
        var result: CK_RV = CKR_OK
        for form in [point, DERWriter.value(DERWriter.octetString, point)] {
            for tellsLength in [true, false] {
                var template = secretTemplate(length: tellsLength ? curve.coordinateLength : nil)
                var secret: CK_OBJECT_HANDLE = 0
                result = Self.withMechanism(form) { mechanism in
                    template.withAttributes {
                        session.cryptoki.deriveKey(session.handle, mechanism, handle, $0, $1, &secret)
                    }
                }
                if result == CKR_OK { return try take(secret, curve.coordinateLength) }
                guard Self.refusesTemplate(result) else { break }
            }
            guard Self.refusesPoint(result) else { break }
        }
        var error = KeyStoreError.pkcs11(result, "C_DeriveKey", during: "derive")
        if Self.refusesTemplate(result) {
            error.code = .policyRefused
            error.message = "the token gives no shared secret out"
        }
        throw error
    }

    private static func withMechanism(
        _ point: [UInt8], _ body: (UnsafeMutablePointer<CK_MECHANISM>) -> CK_RV
    ) -> CK_RV {
        var point = point
        return point.withUnsafeMutableBufferPointer { point in
            var parameters = CK_ECDH1_DERIVE_PARAMS(
                kdf: CKD_NULL, ulSharedDataLen: 0, pSharedData: nil,
                ulPublicDataLen: CK_ULONG(point.count), pPublicData: point.baseAddress)
            return withUnsafeMutableBytes(of: &parameters) { parameters in
                var mechanism = CK_MECHANISM(
                    mechanism: CKM_ECDH1_DERIVE, pParameter: parameters.baseAddress,
                    ulParameterLen: CK_ULONG(parameters.count))
                return body(&mechanism)
            }
        }
    }

    /// The secret is an object for a moment, because PKCS #11 hands out no secret otherwise.
    private func secretTemplate(length: Int?) -> AttributeTemplate {
        var template = AttributeTemplate()
        template.add(CKA_CLASS, CKO_SECRET_KEY)
        template.add(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
        template.add(CKA_TOKEN, false)
        template.add(CKA_SENSITIVE, false)
        template.add(CKA_EXTRACTABLE, true)
        if let length { template.add(CKA_VALUE_LEN, CK_ULONG(length)) }
        return template
    }

    /// Reads the secret, and destroys its object.
    private func take(_ object: CK_OBJECT_HANDLE, _ length: Int) throws(KeyStoreError) -> PIN {
        defer { try? session.destroy(object, "derive") }
        var result: CK_RV = CKR_OK
        var count: CK_ULONG = 0
        let secret = withUnsafeTemporaryAllocation(byteCount: 2 * length, alignment: 16) { buffer in
            defer { PIN.wipe(buffer) }
            PIN.wipe(buffer)
            // Behind as many zeros: a value that is shorter than it should be gets them in front of it.
            let value = UnsafeMutableRawBufferPointer(rebasing: buffer[length...])
            var attribute = CK_ATTRIBUTE(
                type: CKA_VALUE, pValue: value.baseAddress, ulValueLen: CK_ULONG(value.count))
            result = session.cryptoki.getAttributeValue(session.handle, object, &attribute, 1)
            count = attribute.ulValueLen
            // Some modules strip zeros from the front (SEC 1 §3.3.1 does not). More than two of them come once in sixteen
            // million times, and are taken for another value.
            guard result == CKR_OK, count <= CK_ULONG(length), count + 2 >= CK_ULONG(length) else { return nil as PIN? }
            let start = Int(count)
            return try? PIN(UnsafeRawBufferPointer(rebasing: buffer[start..<start + length]))
        }
        if let secret { return secret }
        try Cryptoki.check(result, "C_GetAttributeValue", during: "derive")
        throw KeyStoreError(
            .invalidReply, "the token gave a shared secret of \(count) bytes, and one of this curve has \(length)",
            operation: "derive", subject: info.uri.text)
    }

    private static func refusesTemplate(_ result: CK_RV) -> Bool {
        [
            CKR_TEMPLATE_INCONSISTENT, CKR_TEMPLATE_INCOMPLETE, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
            CKR_ATTRIBUTE_READ_ONLY,
        ].contains(result)
    }

    private static func refusesPoint(_ result: CK_RV) -> Bool {
        [
            CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD, CKR_DATA_INVALID, CKR_DATA_LEN_RANGE,
            CKR_PUBLIC_KEY_INVALID,
            CKR_DOMAIN_PARAMS_INVALID, CKR_FUNCTION_FAILED, CKR_GENERAL_ERROR,
        ].contains(result)
    }
}
