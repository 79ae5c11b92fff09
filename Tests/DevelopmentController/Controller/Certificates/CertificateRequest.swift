internal import SwiftASN1

/// The certificate signing request of an enrollment (RFC 2986), read with the checks and the words of the controller.
struct CertificateRequest {
    /// The subject, as the client encoded it.
    let subjectDER: [UInt8]
    /// The client's public key as SubjectPublicKeyInfo DER, as the client encoded it.
    let publicKeyDER: [UInt8]

    /// Reads one PEM block and verifies the request's own signature.
    ///
    /// Throws a `Refusal` of code `COULD_NOT_PROCESS_CSR` whose cause says what is wrong. The type of the PEM block is
    /// not looked at, and neither are requested extensions.
    init(pem: String) throws(Refusal) {
        guard !pem.isEmpty else { throw .csr("csrPem must not be null or empty") }
        guard let (der, rest) = PEM.decode(pem) else { throw .csr("could not decode csrPem as PEM") }
        guard rest.isEmpty else { throw .csr("unexpected PEM blocks at end of CSR") }
        let document: SignedDocument
        do {
            document = try SignedDocument(der: der)
        } catch {
            throw .csr("asn1: structure error: the certificate request cannot be read")
        }
        (subjectDER, publicKeyDER) = try CertificateRequest.fields(document.contents)
        switch SignatureCheck.check(document, publicKeyDER: publicKeyDER[...]) {
        case .valid: break
        case .invalid(let reason): throw .csr("CSR signature validation failed: \(reason)")
        case .unsupported:
            throw .csr(
                "CSR signature validation failed: x509: cannot verify signature: algorithm unimplemented")
        }
    }

    private static func fields(_ contents: ASN1Node) throws(Refusal) -> ([UInt8], [UInt8]) {
        guard case .constructed(let children) = contents.content, contents.identifier == .sequence else {
            throw .csr("asn1: structure error: the certificate request cannot be read")
        }
        let nodes = Array(children.prefix(4))
        if let first = nodes.first, first.identifier != .integer {
            throw .csr(wrongTag(first))
        }
        guard nodes.count >= 3, nodes[1].identifier == .sequence, nodes[2].identifier == .sequence else {
            throw .csr("asn1: syntax error: sequence truncated")
        }
        return (Array(nodes[1].encodedBytes), Array(nodes[2].encodedBytes))
    }

    /// What Go's decoder says where the version should be and something else is, a certificate's version tag above all.
    private static func wrongTag(_ node: ASN1Node) -> String {
        let tagClass = node.identifier.tagClass == .contextSpecific ? 2 : 0
        var length = 0
        var compound = false
        switch node.content {
        case .constructed(let children):
            compound = true
            for child in children { length += child.encodedBytes.count }
        case .primitive(let bytes): length = bytes.count
        }
        return "asn1: structure error: tags don't match (2 vs {class:\(tagClass) tag:\(node.identifier.tagNumber) "
            + "length:\(length) isCompound:\(compound)}) {optional:false explicit:false application:false "
            + "private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} int @2"
    }
}
