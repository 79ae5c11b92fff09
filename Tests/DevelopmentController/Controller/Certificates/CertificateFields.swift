internal import SwiftASN1
internal import X509

/// The fields of a certificate that a path is made of and judged by (RFC 5280 §4.1).
struct CertificateFields {
    let der: [UInt8]
    let issuer: ArraySlice<UInt8>
    let subject: ArraySlice<UInt8>
    let publicKeyDER: ArraySlice<UInt8>
    /// The first and the last second of its validity, as fourteen digits from the year to the second, in UTC.
    let validity: ClosedRange<String>
    /// Whether its key may sign certificates; nil where it does not say.
    let isAuthority: Bool?
    /// Whether it may prove a client; nil where it does not say what it is for.
    let isForClients: Bool?
    private let document: SignedDocument

    /// Throws an `ASN1Error` if the bytes are not a certificate of version 3, as all are that TLS meets.
    init(der: [UInt8]) throws {
        self.der = der
        document = try SignedDocument(der: der)
        guard case .constructed(let children) = document.contents.content else {
            throw ASN1Error.unexpectedFieldType(document.contents.identifier)
        }
        let nodes = Array(children)
        guard nodes.count >= 7, nodes[0].identifier.tagClass == .contextSpecific else {
            throw ASN1Error.truncatedASN1Field()
        }
        issuer = nodes[3].encodedBytes
        validity = try CertificateFields.validity(nodes[4])
        subject = nodes[5].encodedBytes
        publicKeyDER = nodes[6].encodedBytes
        let third = ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific)
        guard let node = nodes.first(where: { $0.identifier == third }), case .constructed(let tagged) = node.content,
            let list = Array(tagged).first
        else {
            (isAuthority, isForClients) = (nil, nil)
            return
        }
        let extensions = try DER.sequence(of: Certificate.Extension.self, identifier: .sequence, rootNode: list)
        isAuthority = try extensions.first { $0.oid == .X509ExtensionID.basicConstraints }.map {
            if case .isCertificateAuthority = try BasicConstraints($0) { true } else { false }
        }
        isForClients = try extensions.first { $0.oid == .X509ExtensionID.extendedKeyUsage }.map {
            let usages = try ExtendedKeyUsage($0)
            return usages.contains(.clientAuth) || usages.contains(.any)
        }
    }

    func isSigned(by other: CertificateFields) -> Bool {
        issuer.elementsEqual(other.subject)
            && SignatureCheck.check(document, publicKeyDER: other.publicKeyDER) == .valid
    }

    func isValid(at time: CalendarTime) -> Bool { validity.contains(time.digits) }

    /// The last common name of the subject, which is the one that Go reports; empty if there is none.
    var commonName: String {
        guard let name = try? DistinguishedName(derEncoded: DER.parse(subject)) else { return "" }
        let names = name.flatMap { Array($0) }.filter { $0.type == .RDNAttributeType.commonName }
        return names.last.map { String(describing: $0.value) } ?? ""
    }

    /// UTCTime has a year of two digits, of which those from 50 on belong to the last century (RFC 5280 §4.1.2.5.1).
    private static func validity(_ node: ASN1Node) throws -> ClosedRange<String> {
        guard case .constructed(let children) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        let times = Array(children).compactMap { node -> String? in
            guard case .primitive(let bytes) = node.content else { return nil }
            let digits = String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber }
            if node.identifier == .generalizedTime { return String(digits) }
            return (digits < "50" ? "20" : "19") + digits
        }
        guard times.count == 2, times[0] <= times[1] else { throw ASN1Error.truncatedASN1Field() }
        return times[0]...times[1]
    }
}
