import KeyStoreCore

/// A JSON value that keeps its members in the order they were given.
enum JSONValue: Sendable {
    case object([(name: String, value: JSONValue)])
    case array([JSONValue])
    case string(String)
    case number(Int)
    /// A number given in thousandths: microseconds from nanoseconds.
    case thousandths(Int)
    case bool(Bool)
    case null

    /// Bytes as lower-case hexadecimal digits.
    static func hex(_ bytes: [UInt8]) -> JSONValue { .string(Hexadecimal.text(bytes)) }

    /// Texts as an array.
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

    /// The value on one line (RFC 8259).
    var text: String {
        var text = ""
        append(to: &text)
        return text
    }

    private func append(to text: inout String) {
        switch self {
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.append(member.name, to: &text)
                text += ":"
                member.value.append(to: &text)
            }
            text += "}"
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.append(to: &text)
            }
            text += "]"
        case .string(let string): Self.append(string, to: &text)
        case .number(let number): text += String(number)
        case .thousandths(let number):
            text +=
                "\(number < 0 ? "-" : "")\(number.magnitude / 1000).\(String(1000 + number.magnitude % 1000).dropFirst())"
        case .bool(let bool): text += bool ? "true" : "false"
        case .null: text += "null"
        }
    }

    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // C1 controls too: they are allowed raw, and move a terminal's cursor.
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
