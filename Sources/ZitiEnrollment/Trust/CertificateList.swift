import SwiftASN1
import X509

/// Certificates in PEM, as files and answers hold them.
enum CertificateList {
    /// The longest text that is read, in bytes.
    static let maximumLength = 1 << 20
    /// How many certificates a text may hold.
    static let maximumCount = 64

    /// The certificates in DER, in their order. Nil for a text that is too long, holds none, too many or other PEM blocks,
    /// or one that does not parse.
    static func parse(pem text: String) -> [Certificate]? {
        guard text.utf8.count <= maximumLength, let documents = try? PEMDocument.parseMultiple(pemString: text),
            (1...maximumCount).contains(documents.count)
        else { return nil }
        var certificates: [Certificate] = []
        for document in documents {
            guard document.discriminator == Certificate.defaultPEMDiscriminator,
                let certificate = try? Certificate(derEncoded: document.derBytes)
            else { return nil }
            certificates.append(certificate)
        }
        return certificates
    }

    /// PEM blocks with a newline after each.
    static func pem(_ certificates: [[UInt8]]) -> String {
        certificates.map { der in
            let text = PEMDocument(type: Certificate.defaultPEMDiscriminator, derBytes: der).pemString
            return text.hasSuffix("\n") ? text : text + "\n"
        }.joined()
    }
}

extension Certificate {
    /// The certificate in DER, byte for byte as it was read.
    var derBytes: [UInt8] {
        get throws(EnrollmentError) {
            var serializer = DER.Serializer()
            do {
                try serializer.serialize(self)
            } catch {
                throw EnrollmentError(.defect, "a certificate that was read cannot be written", underlying: error)
            }
            return serializer.serializedBytes
        }
    }
}
