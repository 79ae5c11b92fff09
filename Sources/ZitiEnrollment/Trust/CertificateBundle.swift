import struct FoundationEssentials.Data
import SwiftASN1

/// Reads what a controller serves as its certificate authorities: base64 of a PKCS#7 SignedData that holds certificates and
/// nothing else (RFC 7030 §4.1.3, RFC 5652 §5).
enum CertificateBundle {
    /// The longest answer that is read, in bytes.
    static let maximumLength = 1 << 20
    /// How many certificates a bundle may hold.
    static let maximumCount = 64

    private static let signedData: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 2]
    private static let data: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 1]

    /// The certificates in DER, in the order of the bundle. Throws `caBundleInvalid`.
    static func parse(_ body: [UInt8]) throws(EnrollmentError) -> [[UInt8]] {
        guard body.count <= maximumLength else { throw invalid("is longer than \(maximumLength) bytes") }
        let text = body.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard !text.isEmpty, let der = Data(base64Encoded: Data(text)) else { throw invalid("is not base64") }
        let certificates: [[UInt8]]
        do {
            certificates = try contentInfo(try DER.parse(Array(der)))
        } catch {
            throw invalid("is not a PKCS#7 list of certificates", error)
        }
        guard !certificates.isEmpty else { throw invalid("holds no certificate") }
        guard certificates.count <= maximumCount else { throw invalid("holds more than \(maximumCount) certificates") }
        return certificates
    }

    private static func contentInfo(_ node: ASN1Node) throws -> [[UInt8]] {
        try DER.sequence(node, identifier: .sequence) { nodes in
            guard try ASN1ObjectIdentifier(derEncoded: &nodes) == signedData else { throw malformed("content type") }
            return try DER.explicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific, certificatesOnly)
        }
    }

    private static func certificatesOnly(_ node: ASN1Node) throws -> [[UInt8]] {
        try DER.sequence(node, identifier: .sequence) { nodes in
            _ = try Int(derEncoded: &nodes)
            try requireEmptySet(&nodes, "digest algorithms")
            guard let content = nodes.next() else { throw malformed("content") }
            try DER.sequence(content, identifier: .sequence) { nodes in
                guard try ASN1ObjectIdentifier(derEncoded: &nodes) == data else { throw malformed("content") }
            }
            guard let set = nodes.next(),
                set.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific),
                case .constructed(let elements) = set.content
            else { throw malformed("certificates") }
            let certificates = try elements.map { element in
                guard element.identifier == .sequence else { throw malformed("certificates") }
                return Array(element.encodedBytes)
            }
            // Controllers send an empty list of revocations, which RFC 5652 would leave out.
            if let next = nodes.next() {
                let isRevocations = next.identifier == ASN1Identifier(tagWithNumber: 1, tagClass: .contextSpecific)
                try requireEmptySet(next, as: isRevocations ? next.identifier : .set, "revocations or signers")
                if isRevocations { try requireEmptySet(&nodes, "signers") }
            } else {
                throw malformed("signers")
            }
            return certificates
        }
    }

    private static func requireEmptySet(_ nodes: inout ASN1NodeCollection.Iterator, _ what: String) throws {
        guard let set = nodes.next() else { throw malformed(what) }
        try requireEmptySet(set, as: .set, what)
    }

    private static func requireEmptySet(_ set: ASN1Node, as identifier: ASN1Identifier, _ what: String) throws {
        guard set.identifier == identifier, case .constructed(let elements) = set.content,
            elements.first(where: { _ in true }) == nil
        else { throw malformed(what) }
    }

    private static func malformed(_ what: String) -> ASN1Error {
        ASN1Error.invalidASN1Object(reason: "certs-only SignedData: \(what)")
    }

    private static func invalid(_ reason: String, _ underlying: (any Error)? = nil) -> EnrollmentError {
        EnrollmentError(
            .caBundleInvalid, "the list of authorities that the controller sent \(reason)",
            hint: "Ask the controller's administrator; the one-time token is untouched.", underlying: underlying)
    }
}
