import KeyStoreCore
import SwiftASN1

/// Textual encodings (RFC 7468).
enum PEM {
    /// One block that ends with a newline.
    static func text(_ label: String, _ der: [UInt8]) -> String {
        let text = PEMDocument(type: label, derBytes: der).pemString
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    /// The certificates of a file in PEM, in order, or the one in DER. Throws `badData`, naming the file.
    static func certificates(in contents: [UInt8], name: String) throws -> [[UInt8]] {
        if contents.first == 0x30 { return [contents] }
        guard let text = String(validating: contents, as: UTF8.self),
            let blocks = try? PEMDocument.parseMultiple(pemString: text)
        else { throw CommandFailure.badData("\(name) holds neither PEM nor a certificate in DER", subject: name) }
        let certificates = blocks.filter { $0.discriminator == "CERTIFICATE" }.map(\.derBytes)
        guard !certificates.isEmpty else { throw CommandFailure.badData("\(name) holds no certificate", subject: name) }
        return certificates
    }
}
