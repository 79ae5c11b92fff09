import SwiftASN1
import X509

/// Certificates in PEM, as bundles and files of roots hold them.
enum CertificateText {
    /// The certificates of a text with their DER, in order. Throws `failure` for other blocks, for more than `maximum`, for
    /// none, and for one that cannot be read; `tooLarge` where one is longer than any certificate of such a chain.
    static func parse(
        _ text: String, maximum: Int, failure: (String) -> AttestationError
    ) throws(AttestationError) -> [(der: [UInt8], certificate: Certificate)] {
        guard let documents = try? PEMDocument.parseMultiple(pemString: text), !documents.isEmpty else {
            throw failure("holds no certificate in PEM")
        }
        guard documents.count <= maximum else { throw failure("holds more than \(maximum) certificates") }
        var found: [(der: [UInt8], certificate: Certificate)] = []
        for document in documents {
            guard document.discriminator == Certificate.defaultPEMDiscriminator else {
                throw failure("holds something else than certificates")
            }
            found.append((document.derBytes, try certificate(document.derBytes, failure: failure)))
        }
        return found
    }

    /// One certificate. Throws `failure` if it cannot be read.
    static func certificate(
        _ der: [UInt8], failure: (String) -> AttestationError
    ) throws(AttestationError) -> Certificate {
        do {
            return try Certificate(derEncoded: der)
        } catch {
            throw failure(unreadable)
        }
    }

    /// What is said of a certificate that cannot be read, also where its key is of a kind that the library does not know, or
    /// RSA below 2048 bits.
    static let unreadable = "holds a certificate that cannot be read, or one of an unknown kind of key"

    /// PEM blocks with a newline after each.
    static func pem(_ certificates: [[UInt8]]) -> String {
        certificates.map { der in
            let text = PEMDocument(type: Certificate.defaultPEMDiscriminator, derBytes: der).pemString
            return text.hasSuffix("\n") ? text : text + "\n"
        }.joined()
    }
}
