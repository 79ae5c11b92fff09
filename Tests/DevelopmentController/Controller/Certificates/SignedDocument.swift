internal import SwiftASN1

/// The shape that certificates and certificate signing requests share: something, an algorithm, and its signature.
///
/// Read by hand and not by swift-certificates, because the real controller takes keys which that library refuses
/// (RSA of 1024 bits, RSA-PSS signatures).
struct SignedDocument {
    /// What was signed, as it was encoded.
    let signedBytes: ArraySlice<UInt8>
    /// The same, parsed.
    let contents: ASN1Node
    /// The algorithm, as in `SignatureOID` or another.
    let algorithm: ASN1ObjectIdentifier
    /// The algorithm's parameters, if there are any.
    let parameters: ASN1Node?
    /// The signature, as the algorithm has it.
    let signature: ArraySlice<UInt8>

    /// Reads the outermost structure; throws an `ASN1Error` if it is not that shape, or if anything follows it.
    init(der: [UInt8]) throws {
        let root = try DER.parse(der)
        self = try DER.sequence(root, identifier: .sequence) { nodes in
            guard let contents = nodes.next(), let algorithmNode = nodes.next() else {
                throw ASN1Error.truncatedASN1Field()
            }
            let (algorithm, parameters) = try DER.sequence(algorithmNode, identifier: .sequence) { nodes in
                (try ASN1ObjectIdentifier(derEncoded: &nodes), nodes.next())
            }
            let signature = try ASN1BitString(derEncoded: &nodes)
            return SignedDocument(
                signedBytes: contents.encodedBytes, contents: contents, algorithm: algorithm, parameters: parameters,
                signature: signature.bytes)
        }
    }

    private init(
        signedBytes: ArraySlice<UInt8>, contents: ASN1Node, algorithm: ASN1ObjectIdentifier, parameters: ASN1Node?,
        signature: ArraySlice<UInt8>
    ) {
        self.signedBytes = signedBytes
        self.contents = contents
        self.algorithm = algorithm
        self.parameters = parameters
        self.signature = signature
    }
}
