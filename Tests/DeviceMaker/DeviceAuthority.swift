public import Crypto
import CryptoExtras
public import FoundationEssentials
import SwiftASN1
public import X509

/// A throw-away authority that imitates those of a maker of devices: its root, the intermediates below, and the certificate
/// with which a device attests to keys (slot f9). It issues what it is told to, wrong certificates included.
///
/// Not imitated: the maker's real names and keys, which nobody else has, and whatever a device does beside attesting.
public struct DeviceAuthority: Sendable {
    /// How the authority signs.
    public enum Algorithm: Sendable {
        /// RSA with 2048 bits and SHA-256, as devices do.
        case rsa
        /// P-256, which takes less time.
        case p256
    }

    /// Its certificate.
    public let certificate: Certificate
    let key: Certificate.PrivateKey

    /// The certificate in DER.
    public var der: [UInt8] { get throws { try certificate.derBytes } }
    /// The certificate in PEM.
    public var pem: String { get throws { try certificate.serializeAsPEM().pemString + "\n" } }

    /// Makes a root.
    public static func root(
        _ name: String = "Throw-Away Attestation Root", _ algorithm: Algorithm = .p256, dates: ClosedRange<Date>? = nil,
        extensions: [Certificate.Extension]? = nil
    ) throws -> DeviceAuthority {
        let key = try algorithm.makeKey()
        return DeviceAuthority(
            certificate: try CertificateForm(
                subject: name, dates: dates ?? .usual, extensions: try extensions ?? [.authority()]
            ).issued(to: key.publicKey, by: name, signedWith: key), key: key)
    }

    /// Makes an authority below this one. The certificate is an authority's with path length 0, unless other extensions are
    /// given.
    public func authority(
        _ name: String, _ algorithm: Algorithm = .p256, dates: ClosedRange<Date>? = nil,
        extensions: [Certificate.Extension]? = nil, version: Certificate.Version = .v3
    ) throws -> DeviceAuthority {
        let key = try algorithm.makeKey()
        let form = CertificateForm(
            subject: name, dates: dates ?? .usual, extensions: try extensions ?? [.authority(0)], version: version)
        return DeviceAuthority(
            certificate: try form.issued(to: key.publicKey, by: certificate.subject, signedWith: self.key), key: key)
    }

    /// Another authority with this key: what a tampered or renewed certificate comes down to.
    public func with(_ certificate: Certificate) -> DeviceAuthority {
        DeviceAuthority(certificate: certificate, key: key)
    }

    /// The authority that somebody becomes who signs certificates with the key of an attestation certificate.
    public static func usurper(_ attestation: Certificate, key: P256.Signing.PrivateKey) -> DeviceAuthority {
        DeviceAuthority(certificate: attestation, key: Certificate.PrivateKey(key))
    }

    /// Attests to a key, as the device would whose f9 certificate this is.
    public func attest(
        to publicKey: Certificate.PublicKey, _ statement: DeviceStatement = DeviceStatement()
    ) throws -> Certificate {
        try statement.form().issued(to: publicKey, by: certificate.subject, signedWith: key)
    }
}

extension DeviceAuthority.Algorithm {
    fileprivate func makeKey() throws -> Certificate.PrivateKey {
        switch self {
        case .rsa: Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        case .p256: Certificate.PrivateKey(P256.Signing.PrivateKey())
        }
    }
}

extension ClosedRange<Date> {
    /// From an hour ago to ten years from now.
    public static var usual: ClosedRange<Date> { Date().addingTimeInterval(-3600)...Date().addingTimeInterval(3.15e8) }
    /// Over since a day.
    public static var past: ClosedRange<Date> { Date().addingTimeInterval(-1e6)...Date().addingTimeInterval(-86_400) }
    /// Not begun yet.
    public static var future: ClosedRange<Date> { Date().addingTimeInterval(86_400)...Date().addingTimeInterval(1e6) }
}
