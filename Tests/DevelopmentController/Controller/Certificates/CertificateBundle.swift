internal import SwiftASN1

/// The CA bundle of `/.well-known/est/cacerts`: a PKCS#7 SignedData that holds certificates and nothing else.
enum CertificateBundle {
    private static let signedData: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 7, 2]
    private static let data: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 7, 1]

    /// The degenerate form of RFC 2315 §9.1, with the empty set of CRLs that the real controller writes too.
    static func pkcs7(_ certificates: [[UInt8]]) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { contentInfo in
            try contentInfo.serialize(signedData)
            try contentInfo.serialize(explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific) { content in
                try content.appendConstructedNode(identifier: .sequence) { signedData in
                    try signedData.serialize(1)
                    signedData.appendConstructedNode(identifier: .set) { _ in }
                    try signedData.appendConstructedNode(identifier: .sequence) { try $0.serialize(data) }
                    signedData.appendConstructedNode(identifier: .init(tagWithNumber: 0, tagClass: .contextSpecific)) {
                        for certificate in certificates { $0.serializeRawBytes(certificate) }
                    }
                    signedData.appendConstructedNode(
                        identifier: .init(tagWithNumber: 1, tagClass: .contextSpecific)
                    ) { _ in }
                    signedData.appendConstructedNode(identifier: .set) { _ in }
                }
            }
        }
        return serializer.serializedBytes
    }
}
