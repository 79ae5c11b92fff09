public import FoundationEssentials
public import KeyStoreCore
import SwiftASN1
import X509

/// What stands in an identity's certificate.
public struct IdentityCertificate: Hashable, Sendable {
    /// Whom it is for, as a distinguished name (RFC 4514).
    public var subject: String
    /// Who issued it.
    public var issuer: String
    /// Its serial number in hexadecimal digits.
    public var serialNumber: String
    /// When it begins to be valid.
    public var notBefore: Date
    /// When it expires.
    public var notAfter: Date
    /// The identity that it names: in its SPIFFE identifier where it has one, or else as its common name. Empty where there
    /// is neither.
    public var identityID: String
    /// The type of its key; nil for one that this library does not know.
    public var keyType: KeyType?
    /// The fingerprint by which a controller knows it: SHA-1 of its DER in hexadecimal digits.
    public var fingerprint: String

    init(_ certificate: Certificate) {
        subject = PlainText.clean("\(certificate.subject)")
        issuer = PlainText.clean("\(certificate.issuer)")
        serialNumber = Hexadecimal.encode(certificate.serialNumber.bytes)
        notBefore = certificate.notValidBefore
        notAfter = certificate.notValidAfter
        identityID = PlainText.clean(
            certificate.spiffeIdentity.map { String($0) } ?? certificate.subject.commonName ?? "")
        var serializer = DER.Serializer()
        try? serializer.serialize(certificate.publicKey)
        keyType = (try? PublicKey(der: serializer.serializedBytes))?.type
        fingerprint = (try? certificate.sha1Fingerprint) ?? ""
    }

    /// Whether the certificate expires within so many seconds, or has expired.
    public func expires(withinSeconds seconds: Double, of now: Date = Date()) -> Bool {
        notAfter <= now.addingTimeInterval(seconds)
    }
}
