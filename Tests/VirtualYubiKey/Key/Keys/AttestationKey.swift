/// A key's attestation key, with the certificates over it.
struct AttestationKey {
    var key: SoftwareKey
    var certificateDER: [UInt8]
    var rootCertificateDER: [UInt8]
}
