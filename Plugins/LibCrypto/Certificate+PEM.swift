internal import CLibCrypto
public import KeyStoreCore

extension Certificate {
    /// The most certificates that are read from one text.
    public static let maximumCount = 64

    /// The certificates of a PEM text in their order; other blocks are skipped. Throws `invalidData` for a malformed one, for
    /// more than `maximumCount`, and for a text longer than 1 MiB. A text without any is an empty list.
    public static func certificates(pem: UnsafeRawBufferPointer) throws(KeyStoreError) -> [Certificate] {
        let encodings = try ErrorQueue.bracketed { () throws(KeyStoreError) in
            var encodings: [[UInt8]] = []
            try PEMBlock.forEach(in: pem) { block throws(KeyStoreError) in
                guard block.name == PEM_STRING_X509 || block.name == PEM_STRING_X509_OLD else { return true }
                guard encodings.count < maximumCount else {
                    throw KeyStoreError(.invalidData, "there are more than \(maximumCount) certificates in it")
                }
                encodings.append(Array(block.bytes))
                return true
            }
            return encodings
        }
        var certificates: [Certificate] = []
        for encoding in encodings { certificates.append(try Certificate(der: encoding)) }
        return certificates
    }

    /// The certificates as one PEM text, in their order.
    public static func pem(_ certificates: [Certificate]) throws(KeyStoreError) -> [UInt8] {
        try ErrorQueue.bracketed { () throws(KeyStoreError) in
            let bio = try MemoryBIO()
            for certificate in certificates {
                guard PEM_write_bio(bio.pointer, PEM_STRING_X509, "", certificate.der, certificate.der.count) > 0 else {
                    throw ErrorQueue.failure(in: "PEM_write_bio")
                }
            }
            return try bio.withContents { bytes throws(KeyStoreError) in Array(bytes) }
        }
    }
}
