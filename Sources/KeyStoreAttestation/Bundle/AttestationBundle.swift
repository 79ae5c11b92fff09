public import FoundationEssentials
public import KeyStoreCore
import X509

/// An attestation with everything that is needed to verify it elsewhere and later, but for the roots. Holds no secret.
///
/// Beside the certificates it says in words what they say, for whoever reads no certificates. Only the certificates count.
public struct AttestationBundle: Sendable {
    /// The longest bundle that is read, in bytes.
    public static let maximumLength = 1 << 17
    /// The longest certificate that is taken, in bytes. RSA-4096 with long names stays below a fifth of it.
    static let maximumCertificateLength = 1 << 14
    /// How many certificates may stand above the attestation certificate. Devices give one.
    static let maximumChainLength = 5

    /// Names the key where it was attested, without secrets; empty where the bundle does not say.
    public let uri: String
    /// When the bundle was made, by its own account; nil where it does not say.
    public let createdAt: Date?
    /// What the bundle says in words.
    public let stated: StatedAttestation
    /// The attestation certificate in DER.
    public let attestationCertificate: [UInt8]
    /// Its issuers in DER, the nearest first.
    public let chain: [[UInt8]]
    /// The certificate that stood beside the key in DER; nil where there was none.
    public let keyCertificate: [UInt8]?

    let leaf: AttestedCertificate
    let issuers: [Certificate]
    let certified: AttestedCertificate?

    /// Makes the bundle of what a store answers for a key: the attestation certificate, then its issuers. Reads it, and does
    /// not verify it. Throws `certificateMalformed`, `bundleTooLarge`, `statementMissing` and `statementMalformed`.
    public init(
        certificates: [[UInt8]], keyCertificate: [UInt8]? = nil, uri: KeyStoreURI, createdAt: Date = Date()
    ) throws(AttestationError) {
        guard let first = certificates.first else {
            throw AttestationError(.certificateMalformed, "the store gave no attestation certificate")
        }
        try self.init(
            uri: uri.redacted, createdAt: createdAt, stated: nil, attestationCertificate: first,
            chain: Array(certificates.dropFirst()), keyCertificate: keyCertificate)
    }

    /// `stated` is nil where it is to say what the certificates say.
    init(
        uri: String, createdAt: Date?, stated: StatedAttestation?, attestationCertificate: [UInt8], chain: [[UInt8]],
        keyCertificate: [UInt8]?
    ) throws(AttestationError) {
        guard chain.count <= Self.maximumChainLength else {
            throw AttestationError(
                .bundleTooLarge, "the attestation has more than \(Self.maximumChainLength) issuers above it")
        }
        let leaf = try Self.readAttested(attestationCertificate, "attestationCertificate")
        var issuers: [Certificate] = []
        for certificate in chain { issuers.append(try Self.read(certificate, "chain")) }
        certified = try keyCertificate.map { (der) throws(AttestationError) in
            try Self.readAttested(der, "keyCertificate")
        }
        if let stated {
            self.stated = stated
        } else {
            self.stated = StatedAttestation(try AttestationStatement(leaf))
        }
        self.uri = uri
        self.createdAt = createdAt
        self.attestationCertificate = attestationCertificate
        self.chain = chain
        self.keyCertificate = keyCertificate
        self.leaf = leaf
        self.issuers = issuers
    }

    private static func read(_ der: [UInt8], _ field: String) throws(AttestationError) -> Certificate {
        try demandLength(of: der, field)
        return try CertificateText.certificate(der) { reason in malformed(field, reason) }
    }

    private static func readAttested(_ der: [UInt8], _ field: String) throws(AttestationError) -> AttestedCertificate {
        try demandLength(of: der, field)
        guard let certificate = AttestedCertificate(der: der) else {
            throw malformed(field, CertificateText.unreadable)
        }
        return certificate
    }

    private static func demandLength(of der: [UInt8], _ field: String) throws(AttestationError) {
        guard der.count <= maximumCertificateLength else {
            throw AttestationError(
                .bundleTooLarge, "a certificate in '\(field)' is longer than \(maximumCertificateLength) bytes")
        }
    }

    private static func malformed(_ field: String, _ reason: String) -> AttestationError {
        AttestationError(.certificateMalformed, "'\(field)' of the attestation \(reason)")
    }
}
