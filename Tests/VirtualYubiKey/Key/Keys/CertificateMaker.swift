import CLibCrypto

/// Makes the few certificates that a key needs: its attestation certificates, their root, and one for a slot.
struct CertificateMaker {
    /// What is put into an extension as it is, DER or not; never critical.
    struct RawExtension {
        var oid: String
        var value: [UInt8]
    }

    var subject: String
    /// The issuer's certificate, DER; nil for one that signs itself.
    var issuer: [UInt8]?
    /// A SubjectPublicKeyInfo, DER.
    var publicKey: [UInt8]
    var extensions: [RawExtension] = []

    /// The certificate, DER, with a random serial number, valid from 2016 until 2052. The signature is of the signer's hash:
    /// SHA-256 for RSA and P-256, SHA-384 for P-384.
    func sign(with key: SoftwareKey) throws(StatusWord) -> [UInt8] {
        guard let certificate = X509_new() else { throw .failure }
        defer { X509_free(certificate) }
        X509_set_version(certificate, 2)
        try setSerialNumber(certificate)
        ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20160314000000Z")
        ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "20520417000000Z")
        try setNames(certificate)
        let subjectKey = publicKey.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var next = buffer.baseAddress
            return d2i_PUBKEY(nil, &next, buffer.count)
        }
        defer { EVP_PKEY_free(subjectKey) }
        guard X509_set_pubkey(certificate, subjectKey) == 1 else { throw .failure }
        for raw in extensions { try add(raw, to: certificate) }
        let hash: OpaquePointer? =
            switch key.algorithm {
            case .ed25519, .x25519: nil
            case .p384: EVP_sha384()
            default: EVP_sha256()
            }
        guard X509_sign(certificate, key.pointer, hash) > 0 else { throw .failure }
        return DER.encode(i2d_X509, certificate)
    }

    private func setSerialNumber(_ certificate: OpaquePointer) throws(StatusWord) {
        var random = RandomBytes.make(16)
        random[0] = random[0] & 0x7F | 0x40
        let number = BigNumber(random)
        guard let integer = withExtendedLifetime(number, { BN_to_ASN1_INTEGER(number.pointer, nil) }) else {
            throw .failure
        }
        defer { ASN1_INTEGER_free(integer) }
        X509_set_serialNumber(certificate, integer)
    }

    private func setNames(_ certificate: OpaquePointer) throws(StatusWord) {
        let name = X509_NAME_new()
        defer { X509_NAME_free(name) }
        let bytes = Array(subject.utf8)
        guard X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0) == 1,
            X509_set_subject_name(certificate, name) == 1
        else { throw .failure }
        guard let issuer else {
            X509_set_issuer_name(certificate, name)
            return
        }
        let parsed = issuer.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var next = buffer.baseAddress
            return d2i_X509(nil, &next, buffer.count)
        }
        defer { X509_free(parsed) }
        guard parsed != nil, X509_set_issuer_name(certificate, X509_get_subject_name(parsed)) == 1 else {
            throw .failure
        }
    }

    private func add(_ raw: RawExtension, to certificate: OpaquePointer) throws(StatusWord) {
        let object = OBJ_txt2obj(raw.oid, 1)
        defer { ASN1_OBJECT_free(object) }
        let data = ASN1_OCTET_STRING_new()
        defer { ASN1_OCTET_STRING_free(data) }
        ASN1_OCTET_STRING_set(data, raw.value, Int32(raw.value.count))
        let made = X509_EXTENSION_create_by_OBJ(nil, object, 0, data)
        defer { X509_EXTENSION_free(made) }
        guard made != nil, X509_add_ext(certificate, made, -1) == 1 else { throw .failure }
    }
}
