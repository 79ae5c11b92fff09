internal import FoundationEssentials

/// PEM as the controller reads and writes it.
enum PEM {
    /// One block with lines of 64 characters and a final newline.
    static func block(_ type: String, _ der: [UInt8]) -> String {
        "-----BEGIN \(type)-----\n\(base64Lines(der))\n-----END \(type)-----\n"
    }

    /// Base64 broken into lines of 64 characters, without a final newline.
    static func base64Lines(_ bytes: [UInt8]) -> String {
        let text = Array(Data(bytes).base64EncodedString().utf8)
        return stride(from: 0, to: text.count, by: 64)
            .map { String(decoding: text[$0..<min($0 + 64, text.count)], as: UTF8.self) }
            .joined(separator: "\n")
    }

    /// The content of the first block whatever its type, and what follows its last line; nil if there is no block.
    ///
    /// Text before the block is skipped and one newline after it is taken with it, as Go's decoder does.
    static func decode(_ text: String) -> (der: [UInt8], rest: String)? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard
            let begin = lines.firstIndex(where: {
                trimmed($0).hasPrefix("-----BEGIN ") && trimmed($0).hasSuffix("-----")
            }),
            case let type = trimmed(lines[begin]).dropFirst(11).dropLast(5),
            let end = lines[begin...].firstIndex(where: { trimmed($0) == "-----END \(type)-----" }),
            let data = Data(base64Encoded: lines[(begin + 1)..<end].map { String(trimmed($0)) }.joined())
        else { return nil }
        return (Array(data), lines[(end + 1)...].joined(separator: "\n"))
    }

    /// The contents of all blocks, whatever their types.
    static func decodeAll(_ text: String) -> [[UInt8]] {
        var all: [[UInt8]] = []
        var rest = text
        while let (der, remaining) = decode(rest) {
            all.append(der)
            rest = remaining
        }
        return all
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line
        while let last = line.last, last == " " || last == "\t" || last == "\r" || last == "\r\n" { line.removeLast() }
        return line
    }
}
