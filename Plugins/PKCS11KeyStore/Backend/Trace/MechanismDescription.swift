import CP11Kit

/// A mechanism with its parameters in a trace. Parameters that this backend does not use are written as lengths.
enum MechanismDescription {
    /// "CKM_RSA_PKCS_PSS(CKM_SHA256, MGF 2, salt 32)".
    static func text(_ mechanism: CK_MECHANISM) -> String {
        let name = MechanismName.of(mechanism.mechanism)
        guard let parameter = mechanism.pParameter, mechanism.ulParameterLen > 0 else { return name }
        let length = Int(clamping: mechanism.ulParameterLen)
        if mechanism.mechanism == CKM_RSA_PKCS_PSS, length == MemoryLayout<CK_RSA_PKCS_PSS_PARAMS>.size {
            let pss = parameter.loadUnaligned(as: CK_RSA_PKCS_PSS_PARAMS.self)
            return "\(name)(\(MechanismName.of(pss.hashAlg)), MGF \(pss.mgf), salt \(pss.sLen))"
        }
        if mechanism.mechanism == CKM_RSA_PKCS_OAEP, length == MemoryLayout<CK_RSA_PKCS_OAEP_PARAMS>.size {
            let oaep = parameter.loadUnaligned(as: CK_RSA_PKCS_OAEP_PARAMS.self)
            return "\(name)(\(MechanismName.of(oaep.hashAlg)), MGF \(oaep.mgf), label \(oaep.ulSourceDataLen) bytes)"
        }
        if mechanism.mechanism == CKM_ECDH1_DERIVE, length == MemoryLayout<CK_ECDH1_DERIVE_PARAMS>.size {
            let ecdh = parameter.loadUnaligned(as: CK_ECDH1_DERIVE_PARAMS.self)
            return "\(name)(KDF \(ecdh.kdf), peer \(ecdh.ulPublicDataLen) bytes)"
        }
        return "\(name)(\(length) bytes)"
    }
}
