import FoundationEssentials
import KeyStoreCore
import SwiftASN1

/// Textual encodings (RFC 7468).
enum PEM {
    /// One block that ends with a newline.
    static func text(_ label: String, _ der: [UInt8]) -> String {
        let text = PEMDocument(type: label, derBytes: der).pemString
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    /// The certificates of a file in PEM, in order, or the one in DER. What else the file holds is passed over: text around the
    /// blocks, which need not be UTF-8, and blocks such as the private key that comes out of a PKCS#12 file with its
    /// certificate. Lines may have any length. Throws `badData`, naming the file.
    static func certificates(in contents: [UInt8], name: String) throws -> [[UInt8]] {
        // A SEQUENCE that is longer than 127 bytes; in text, a '0' would be followed by another character of ASCII.
        if contents.count > 1, contents[0] == 0x30, contents[1] & 0x80 != 0 { return [contents] }
        var certificates: [[UInt8]] = []
        var block: (label: Substring, body: String)?
        var holdsBlocks = false
        let cutShort = CommandFailure.badData("\(name) holds a certificate without its end", subject: name)
        // A byte order mark, which some editors put in front.
        let text = contents.starts(with: [0xEF, 0xBB, 0xBF]) ? contents.dropFirst(3) : contents[...]
        for words in lines(of: text) {
            if let label = label(of: words, after: "-----BEGIN ") {
                guard block?.label != "CERTIFICATE" else { throw cutShort }
                block = (label, "")
                holdsBlocks = true
            } else if let label = label(of: words, after: "-----END ") {
                if let block, block.label == "CERTIFICATE" {
                    guard label == "CERTIFICATE" else { throw cutShort }
                    guard let der = Data(base64Encoded: block.body) else {
                        throw CommandFailure.badData("\(name) holds a certificate that is no base64", subject: name)
                    }
                    certificates.append(Array(der))
                }
                block = nil
            } else if block?.label == "CERTIFICATE" {
                block?.body += words.filter { !$0.isWhitespace }
            }
        }
        guard holdsBlocks else {
            throw CommandFailure.badData("\(name) holds neither PEM nor a certificate in DER", subject: name)
        }
        guard block?.label != "CERTIFICATE" else { throw cutShort }
        guard !certificates.isEmpty else { throw CommandFailure.badData("\(name) holds no certificate", subject: name) }
        return certificates
    }

    /// The lines of a text. Where files without a last line end were put one after the other, an end and a beginning stand in
    /// the same line.
    private static func lines(of text: ArraySlice<UInt8>) -> [Substring] {
        text.split(separator: 0x0A).flatMap { line in
            String(decoding: line, as: UTF8.self).replacing("----------BEGIN ", with: "-----\n-----BEGIN ")
                .split(separator: "\n")
        }
    }

    /// What stands between such a beginning of a line and its five dashes at the end; nil for another line.
    private static func label(of line: Substring, after beginning: String) -> Substring? {
        var rest = line
        while rest.last?.isWhitespace == true { rest.removeLast() }
        guard rest.hasPrefix(beginning), rest.hasSuffix("-----"), rest.utf8.count >= beginning.utf8.count + 5 else {
            return nil
        }
        return rest.dropFirst(beginning.count).dropLast(5)
    }
}

extension InputFile {
    /// The certificates of the file as PEM that holds nothing else. Throws `badData`.
    func readCertificates() throws -> String {
        try PEM.certificates(in: try read(limit: 1 << 20), name: name).map { PEM.text("CERTIFICATE", $0) }.joined()
    }
}
