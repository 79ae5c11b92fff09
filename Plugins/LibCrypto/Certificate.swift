internal import CLibCrypto
public import KeyStoreCore

/// An X.509 certificate (RFC 5280), with the parts of it that a key store files it under. Nothing is verified.
public struct Certificate: Hashable, Sendable {
    /// The longest certificate that is read, in bytes.
    public static let maximumLength = 65536

    /// The whole certificate, DER.
    public let der: [UInt8]
    /// The subject, a Name in DER: PKCS#11's CKA_SUBJECT.
    public let subjectDER: [UInt8]
    /// The issuer, a Name in DER: PKCS#11's CKA_ISSUER.
    public let issuerDER: [UInt8]
    /// The serial number, an INTEGER in DER, tag and length included: PKCS#11's CKA_SERIAL_NUMBER.
    public let serialNumberDER: [UInt8]
    private let publicKeyDER: [UInt8]

    /// Reads a certificate. Throws `invalidData` for anything but exactly one certificate in DER.
    public init(der: [UInt8]) throws(KeyStoreError) {
        self = try ErrorQueue.bracketed { () throws(KeyStoreError) in
            guard der.count <= Self.maximumLength else {
                throw KeyStoreError(.invalidData, "a certificate is longer than \(Self.maximumLength) bytes")
            }
            let parsed = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
                var next = buffer.baseAddress
                guard let certificate = d2i_X509(nil, &next, buffer.count) else { return nil }
                guard let next, let start = buffer.baseAddress, next - start == buffer.count else {
                    X509_free(certificate)
                    return nil
                }
                return certificate
            }
            guard let parsed else {
                throw ErrorQueue.failure(.invalidData, "a certificate is malformed or cut short", in: "d2i_X509")
            }
            defer { X509_free(parsed) }
            return Certificate(der, parsed)
        }
    }

    private init(_ der: [UInt8], _ parsed: OpaquePointer) {
        self.der = der
        subjectDER = PrivateKey.der(i2d_X509_NAME, X509_get_subject_name(parsed))
        issuerDER = PrivateKey.der(i2d_X509_NAME, X509_get_issuer_name(parsed))
        publicKeyDER = PrivateKey.der(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(parsed))
        serialNumberDER = Self.der(ofInteger: X509_get0_serialNumber(parsed))
    }

    /// The public key. Throws `unsupportedMechanism` for one of a kind that this library does not know, as a certificate of
    /// an issuer may have.
    public var publicKey: PublicKey {
        get throws(KeyStoreError) { try PublicKey(der: publicKeyDER) }
    }

    private static func der(ofInteger integer: UnsafePointer<ASN1_INTEGER>?) -> [UInt8] {
        let length = Int(i2d_ASN1_INTEGER(integer, nil))
        guard length > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var next = buffer.baseAddress
            count = max(0, Int(i2d_ASN1_INTEGER(integer, &next)))
        }
    }
}
