public import KeyStoreCore
import SwiftASN1
public import X509

/// A certificate signing request (PKCS#10, RFC 2986) made by a key in a store.
public struct CertificateRequest: Hashable, Sendable {
    private static let operation = "make certificate request"

    /// The longest common name, in characters (RFC 5280 appendix A.1, ub-common-name).
    public static let maximumCommonNameLength = 64

    /// The request.
    public let der: [UInt8]
    /// What it is signed with.
    public let algorithm: SignatureAlgorithm

    /// Makes a request whose subject is `O=organization, CN=commonName`, or the common name alone.
    ///
    /// The algorithm is the first of `algorithms` in the order of `preference`. The signature is checked against the public
    /// key before the request is handed out. Throws `invalidData` for a common name that is empty or longer than
    /// `maximumCommonNameLength`, `unsupportedMechanism` if no algorithm serves, `invalidReply` for a signature that does
    /// not verify, and whatever the key throws. Signs once, so it may wait for a person.
    public static func make(
        commonName: String, organization: String? = nil, key: any Key, publicKey: PublicKey,
        algorithms: [SignatureAlgorithm]
    ) async throws(KeyStoreError) -> CertificateRequest {
        guard !commonName.isEmpty, commonName.unicodeScalars.count <= maximumCommonNameLength else {
            throw KeyStoreError(
                .invalidData, "the common name must have 1 to \(maximumCommonNameLength) characters",
                operation: operation, subject: key.info.uri.text)
        }
        let subject: DistinguishedName
        do {
            subject = try DistinguishedName {
                if let organization { OrganizationName(organization) }
                CommonName(commonName)
            }
        } catch {
            throw KeyStoreError(
                .invalidData, "the subject cannot be written", operation: operation, subject: key.info.uri.text,
                underlying: error)
        }
        return try await make(subject: subject, key: key, publicKey: publicKey, algorithms: algorithms)
    }

    /// Makes a request for this subject, which is not looked at. Otherwise as with a common name.
    public static func make(
        subject: DistinguishedName, key: any Key, publicKey: PublicKey, algorithms: [SignatureAlgorithm]
    ) async throws(KeyStoreError) -> CertificateRequest {
        let uri = key.info.uri.text
        let usable = preference(for: publicKey.type).filter(algorithms.contains)
        guard let algorithm = usable.first else {
            throw KeyStoreError(
                .unsupportedMechanism, "the \(publicKey.type) key has no algorithm that a certificate request can use",
                operation: operation, subject: uri)
        }
        do {
            let der =
                if algorithm.isRSAPSS {
                    try await PSSCertificateRequest(subject: subject, publicKey: publicKey, algorithm: algorithm)
                        .sign(with: key)
                } else {
                    try await sign(subject: subject, key: key, publicKey: publicKey, algorithm: algorithm)
                }
            return CertificateRequest(der: der, algorithm: algorithm)
        } catch let error as KeyStoreError {
            throw error.during(operation, of: uri)
        } catch {
            throw KeyStoreError(
                .invalidReply, "the certificate request could not be put together", operation: operation,
                subject: uri, underlying: error)
        }
    }

    /// The request as one PEM block with one newline at its end, as servers that refuse trailing data want it.
    public var pem: String {
        let text = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: der).pemString
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    /// The order in which algorithms are tried. For RSA that is not the order of TLS: PKCS#1 v1.5 is what every certificate
    /// authority reads.
    static func preference(for type: KeyType) -> [SignatureAlgorithm] {
        switch type {
        case .rsa:
            [.rsaPKCS1SHA256, .rsaPKCS1SHA384, .rsaPKCS1SHA512, .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512]
        default: type.algorithms
        }
    }

    private static func sign(
        subject: DistinguishedName, key: any Key, publicKey: PublicKey, algorithm: SignatureAlgorithm
    ) async throws -> [UInt8] {
        let certificateKey = try CertificateKey(key, publicKey: publicKey, algorithms: [algorithm])
        let request = try await CertificateSigningRequest(
            version: .v1, subject: subject, asyncPrivateKey: Certificate.PrivateKey(certificateKey),
            attributes: CertificateSigningRequest.Attributes(),
            signatureAlgorithm: certificateKey.defaultSignatureAlgorithm)
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw KeyStoreError(.invalidReply, "the token's signature of the request does not verify")
        }
        var serializer = DER.Serializer()
        try serializer.serialize(request)
        return serializer.serializedBytes
    }
}
