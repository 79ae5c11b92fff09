internal import SwiftASN1

/// A SubjectPublicKeyInfo taken apart (RFC 5280 §4.1.2.7).
struct PublicKeyFields {
    /// The algorithm of the key; its parameters are left out.
    let algorithm: ASN1ObjectIdentifier
    /// The content of the bit string.
    let key: ArraySlice<UInt8>

    /// Throws an `ASN1Error` if the bytes are not a SubjectPublicKeyInfo.
    init(der: [UInt8]) throws {
        (algorithm, key) = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            guard let algorithmNode = nodes.next() else {
                throw ASN1Error.truncatedASN1Field()
            }
            let algorithm = try DER.sequence(algorithmNode, identifier: .sequence) { nodes in
                let algorithm = try ASN1ObjectIdentifier(derEncoded: &nodes)
                _ = nodes.next()
                return algorithm
            }
            return (algorithm, try ASN1BitString(derEncoded: &nodes).bytes)
        }
    }
}
