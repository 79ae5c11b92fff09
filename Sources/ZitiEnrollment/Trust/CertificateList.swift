import SwiftASN1
import X509

/// Certificates in PEM, as files and answers hold them.
enum CertificateList {
    /// The longest text that is read, in bytes.
    static let maximumLength = 1 << 20
    /// How many certificates a text may hold: those of the longest bundle, and as many of the operator's at least.
    static let maximumCount = 4 * CertificateBundle.maximumCount

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

    /// The certificates of a text that begins with one, whatever else of it can be read, and how many blocks cannot. Text
    /// between blocks does not count. None where the first block is no certificate.
    static func readable(pem text: String) -> (certificates: [Certificate], droppedCount: Int) {
        guard text.utf8.count <= maximumLength else { return ([], 0) }
        var certificates: [Certificate] = []
        var droppedCount = 0
        var block: [Substring]?
        func end() {
            guard let lines = block else { return }
            block = nil
            if droppedCount > 0, certificates.isEmpty { return }
            guard certificates.count < maximumCount,
                let document = try? PEMDocument(pemString: lines.joined(separator: "\n")),
                document.discriminator == Certificate.defaultPEMDiscriminator,
                let certificate = try? Certificate(derEncoded: document.derBytes)
            else { return droppedCount += 1 }
            certificates.append(certificate)
        }
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("-----BEGIN ") {
                end()
                block = []
            }
            block?.append(line)
            if line.hasPrefix("-----END ") { end() }
        }
        end()
        return (certificates, droppedCount)
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
