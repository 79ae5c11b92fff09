internal import CLibCrypto

extension Certificate {
    /// Whether the key of `issuer` has signed this certificate, and the names fit. False too where OpenSSL does not know the
    /// algorithm. Neither certificate's extensions or dates are looked at.
    public func isIssued(by issuer: Certificate) -> Bool {
        guard issuerDER == issuer.subjectDER else { return false }
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let child = Self.parse(der) else { return false }
        defer { X509_free(child) }
        guard let parent = Self.parse(issuer.der) else { return false }
        defer { X509_free(parent) }
        guard let key = X509_get0_pubkey(parent) else { return false }
        return X509_verify(child, key) == 1
    }

    /// Whether both are for the same name and key, so that one may stand for the other in a chain.
    public func isOfSameOwner(as other: Certificate) -> Bool {
        subjectDER == other.subjectDER && (try? publicKey) == (try? other.publicKey)
    }

    private static func parse(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var next = buffer.baseAddress
            return d2i_X509(nil, &next, buffer.count)
        }
    }
}
