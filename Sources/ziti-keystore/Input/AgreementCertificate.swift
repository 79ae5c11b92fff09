import SwiftASN1

/// A certificate for an X25519 key (RFC 8410), as far as its key goes: swift-certificates reads none, because such a key signs
/// nothing.
struct AgreementCertificate {
    /// The SubjectPublicKeyInfo.
    let publicKeyDER: [UInt8]

    /// Nil for anything else than a certificate for such a key. Looks at the order and the kinds of its parts (RFC 5280 §4.1)
    /// up to the key, and at no signature.
    init?(der: [UInt8]) {
        let version = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
        let found = try? DER.sequence(try DER.parse(der), identifier: .sequence) { parts -> [UInt8]? in
            guard let contents = parts.next(), let algorithm = parts.next(), algorithm.identifier == .sequence,
                let signature = parts.next(), signature.identifier == .bitString
            else { return nil }
            return try DER.sequence(contents, identifier: .sequence) { fields -> [UInt8]? in
                var field = fields.next()
                if field?.identifier == version { field = fields.next() }
                guard field?.identifier == .integer else { return nil }
                // The signature's algorithm, the issuer, the validity, the subject, the key.
                for _ in 0..<5 {
                    field = fields.next()
                    guard field?.identifier == .sequence else { return nil }
                }
                while fields.next() != nil {}
                return (field?.encodedBytes).map { Array($0) }
            }
        }
        // RFC 8410 §4: one form, a fixed beginning and 32 bytes.
        guard let key = found ?? nil, key.count == 44,
            key.starts(with: [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x6E, 0x03, 0x21, 0x00])
        else { return nil }
        publicKeyDER = key
    }
}
