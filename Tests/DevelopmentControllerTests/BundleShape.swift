import Foundation
import SwiftASN1
import Testing

/// The structure of a certs-only PKCS#7, with the certificates left out.
struct BundleShape: Equatable {
    /// The identifiers of the structures, outermost first.
    var identifiers: [ASN1Identifier] = []
    /// What is neither certificates nor holds them, as encoded.
    var constants: [[UInt8]] = []
    var certificateCount = 0

    init(base64: String) throws {
        let data = try #require(Data(base64Encoded: base64.filter { $0 != "\n" }))
        try visit(DER.parse(Array(data)), depth: 0)
    }

    private mutating func visit(_ node: ASN1Node, depth: Int) throws {
        let certificates = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
        identifiers.append(node.identifier)
        guard case .constructed(let children) = node.content else {
            constants.append(Array(node.encodedBytes))
            return
        }
        if depth == 3, node.identifier == certificates {
            certificateCount = Array(children).count
            return
        }
        for child in children { try visit(child, depth: depth + 1) }
    }
}
