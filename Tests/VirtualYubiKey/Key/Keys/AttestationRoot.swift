/// The certificate authority over the attestation keys of virtual keys, made anew in each process and thrown away. It says
/// nothing about any device and must never be trusted outside tests.
public final class AttestationRoot: Sendable {
    /// The root's certificate, DER.
    public let certificateDER: [UInt8]
    private let key: SoftwareKey

    /// The one that keys get that are not given another.
    public static let shared = try! AttestationRoot()

    /// Makes a root, which takes the time of an RSA-2048 key.
    public init() throws {
        key = try SoftwareKey.generate(.rsa2048)
        let maker = CertificateMaker(
            subject: "Virtual PIV Root CA", publicKey: key.publicKeyDER, extensions: [.authority(pathLength: 1)])
        certificateDER = try maker.sign(with: key)
    }

    /// The attestation key that a YubiKey has from the factory, and its certificate.
    func issueAttestationKey(firmware: FirmwareVersion) throws(StatusWord) -> AttestationKey {
        let attestationKey = try SoftwareKey.generate(.rsa2048)
        let maker = CertificateMaker(
            subject: "Virtual PIV Attestation", issuer: certificateDER, publicKey: attestationKey.publicKeyDER,
            extensions: [
                .authority(pathLength: 0), .init(oid: YubicoOID.firmware, value: firmware.bytes),
            ])
        return AttestationKey(
            key: attestationKey, certificateDER: try maker.sign(with: key), rootCertificateDER: certificateDER)
    }
}

extension CertificateMaker.RawExtension {
    /// BasicConstraints (RFC 5280 §4.2.1.9) with this many authorities below.
    static func authority(pathLength: UInt8) -> Self {
        Self(oid: "2.5.29.19", value: [0x30, 6, 1, 1, 0xFF, 2, 1, pathLength])
    }
}
