import CP11Kit

/// What is done with keys. A trace shows the lengths of what goes in and comes out, and none of it.
extension Cryptoki {
    func generateKeyPair(
        _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>,
        _ publicTemplate: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ publicCount: CK_ULONG,
        _ privateTemplate: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ privateCount: CK_ULONG,
        _ publicKey: UnsafeMutablePointer<CK_OBJECT_HANDLE>, _ privateKey: UnsafeMutablePointer<CK_OBJECT_HANDLE>
    ) -> CK_RV {
        guard let function = list.pointee.C_GenerateKeyPair else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_GenerateKeyPair",
            {
                function(
                    session, mechanism, publicTemplate, publicCount, privateTemplate, privateCount, publicKey,
                    privateKey)
            },
            arguments: {
                $0.add("session", session)
                $0.add("mechanism", mechanism)
                $0.add("public template", publicTemplate, publicCount)
                $0.add("private template", privateTemplate, privateCount)
            },
            results: {
                $0.add("public key", publicKey.pointee)
                $0.add("private key", privateKey.pointee)
            })
    }

    @inline(__always)
    func signInit(
        _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>, _ key: CK_OBJECT_HANDLE
    ) -> CK_RV {
        call(
            "C_SignInit", { required.signInit(session, mechanism, key) },
            arguments: {
                $0.add("session", session)
                $0.add("mechanism", mechanism)
                $0.add("key", key)
            })
    }

    @inline(__always)
    func sign(
        _ session: CK_SESSION_HANDLE, _ data: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG,
        _ signature: UnsafeMutablePointer<UInt8>?, _ signatureLength: UnsafeMutablePointer<CK_ULONG>
    ) -> CK_RV {
        call(
            "C_Sign", { required.sign(session, data, length, signature, signatureLength) },
            arguments: {
                $0.add("session", session)
                $0.add("data", lengthOf: data, length)
                $0.add("room", lengthOf: signature, signatureLength.pointee)
            },
            results: {
                $0.add("signature", bytes: signatureLength.pointee)
            })
    }

    func decryptInit(
        _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>, _ key: CK_OBJECT_HANDLE
    ) -> CK_RV {
        guard let function = list.pointee.C_DecryptInit else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_DecryptInit", { function(session, mechanism, key) },
            arguments: {
                $0.add("session", session)
                $0.add("mechanism", mechanism)
                $0.add("key", key)
            })
    }

    func decrypt(
        _ session: CK_SESSION_HANDLE, _ input: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG,
        _ output: UnsafeMutablePointer<UInt8>?, _ outputLength: UnsafeMutablePointer<CK_ULONG>
    ) -> CK_RV {
        guard let function = list.pointee.C_Decrypt else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_Decrypt", { function(session, input, length, output, outputLength) },
            arguments: {
                $0.add("session", session)
                $0.add("data", lengthOf: input, length)
                $0.add("room", lengthOf: output, outputLength.pointee)
            },
            results: {
                $0.add("plaintext", bytes: outputLength.pointee)
            })
    }

    func deriveKey(
        _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>, _ base: CK_OBJECT_HANDLE,
        _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG,
        _ key: UnsafeMutablePointer<CK_OBJECT_HANDLE>
    ) -> CK_RV {
        guard let function = list.pointee.C_DeriveKey else { return CKR_FUNCTION_NOT_SUPPORTED }
        return call(
            "C_DeriveKey", { function(session, mechanism, base, template, count, key) },
            arguments: {
                $0.add("session", session)
                $0.add("mechanism", mechanism)
                $0.add("base key", base)
                $0.add("template", template, count)
            },
            results: {
                $0.add("key", key.pointee)
            })
    }
}
