internal import CLibCrypto
public import KeyStoreCore

extension PrivateKey {
    /// The numbers of the key. Throws `unsupportedMechanism` for an RSA key with more than two primes.
    public func components() throws(KeyStoreError) -> KeyComponents {
        try ErrorQueue.bracketed { () throws(KeyStoreError) in
            switch type {
            case .rsa: .rsa(try rsaComponents())
            case .ecP256: .ec(try ecComponents(oid: [6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7], length: 32))
            case .ecP384: .ec(try ecComponents(oid: [6, 5, 0x2B, 0x81, 4, 0, 0x22], length: 48))
            case .ecP521: .ec(try ecComponents(oid: [6, 5, 0x2B, 0x81, 4, 0, 0x23], length: 66))
            case .ed25519:
                .ed25519(KeyComponents.Ed25519(seed: try rawPrivateKey(), publicKey: try rawPublicKey()))
            case .x25519:
                .x25519(KeyComponents.X25519(scalar: try rawPrivateKey(), publicKey: try rawPublicKey()))
            }
        }
    }

    // The numbered names are written out: Swift does not import the macros that stand for them.
    private func rsaComponents() throws(KeyStoreError) -> KeyComponents.RSA {
        var third: OpaquePointer?
        if EVP_PKEY_get_bn_param(pointer, "rsa-factor3", &third) == 1 {
            BN_clear_free(third)
            throw KeyStoreError(.unsupportedMechanism, "an RSA key with more than two primes cannot be taken apart")
        }
        // Asking for what is not there left an entry in the queue.
        ERR_clear_error()
        return KeyComponents.RSA(
            modulus: try publicNumber(OSSL_PKEY_PARAM_RSA_N),
            publicExponent: try publicNumber(OSSL_PKEY_PARAM_RSA_E),
            privateExponent: try number(OSSL_PKEY_PARAM_RSA_D),
            prime1: try number("rsa-factor1"),
            prime2: try number("rsa-factor2"),
            exponent1: try number("rsa-exponent1"),
            exponent2: try number("rsa-exponent2"),
            coefficient: try number("rsa-coefficient1"))
    }

    private func ecComponents(oid: [UInt8], length: Int) throws(KeyStoreError) -> KeyComponents.EC {
        var point = [UInt8](repeating: 0, count: 2 * length + 1)
        var count = 0
        guard EVP_PKEY_get_octet_string_param(pointer, OSSL_PKEY_PARAM_PUB_KEY, &point, point.count, &count) == 1,
            count == point.count
        else { throw ErrorQueue.failure(in: "EVP_PKEY_get_octet_string_param") }
        return KeyComponents.EC(
            curve: oid, scalar: try number(OSSL_PKEY_PARAM_PRIV_KEY, paddedTo: length), point: point)
    }

    private func rawPrivateKey() throws(KeyStoreError) -> SecretBytes {
        try SecretBytes(count: 32) { buffer throws(KeyStoreError) in
            var length = buffer.count
            guard
                EVP_PKEY_get_raw_private_key(pointer, buffer.assumingMemoryBound(to: UInt8.self).baseAddress, &length)
                    == 1
            else { throw ErrorQueue.failure(in: "EVP_PKEY_get_raw_private_key") }
        }
    }

    private func rawPublicKey() throws(KeyStoreError) -> [UInt8] {
        var publicKey = [UInt8](repeating: 0, count: 32)
        var length = publicKey.count
        guard EVP_PKEY_get_raw_public_key(pointer, &publicKey, &length) == 1 else {
            throw ErrorQueue.failure(in: "EVP_PKEY_get_raw_public_key")
        }
        return publicKey
    }

    private func publicNumber(_ name: String) throws(KeyStoreError) -> [UInt8] {
        try number(name).withBytes { Array($0) }
    }

    private func number(_ name: String, paddedTo length: Int? = nil) throws(KeyStoreError) -> SecretBytes {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, name, &number) == 1, let number else {
            throw ErrorQueue.failure(in: "EVP_PKEY_get_bn_param")
        }
        defer { BN_clear_free(number) }
        let length = length ?? Int(BN_num_bits(number) + 7) / 8
        return try SecretBytes(count: length) { buffer throws(KeyStoreError) in
            guard BN_bn2binpad(number, buffer.assumingMemoryBound(to: UInt8.self).baseAddress, Int32(length)) >= 0
            else {
                throw ErrorQueue.failure(in: "BN_bn2binpad")
            }
        }
    }
}
