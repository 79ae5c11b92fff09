public import Crypto
public import X509

/// A P-256 key with a chain of attestation: root, the device's own certificate, the statement. The key is one in memory; no
/// device holds it.
public struct AttestedKey: Sendable {
    /// The private key.
    public let key: P256.Signing.PrivateKey
    /// The root.
    public let root: DeviceAuthority
    /// The authority that is the device.
    public let device: DeviceAuthority
    /// The attestation certificate.
    public let attestation: Certificate

    /// What a store answers: the attestation certificate, then the device's own.
    public var certificates: [[UInt8]] { get throws { [try attestation.derBytes, try device.der] } }

    /// Makes everything anew, but for what is given.
    public init(
        _ statement: DeviceStatement = DeviceStatement(), root: DeviceAuthority? = nil, device: DeviceAuthority? = nil,
        key: P256.Signing.PrivateKey = P256.Signing.PrivateKey()
    ) throws {
        self.key = key
        self.root = try root ?? .root()
        self.device = try device ?? self.root.authority("Throw-Away Device Attestation")
        attestation = try self.device.attest(to: Certificate.PublicKey(key.publicKey), statement)
    }
}
