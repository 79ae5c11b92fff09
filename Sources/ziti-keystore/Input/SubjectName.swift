import ArgumentParser
import KeyStoreCore
import SwiftASN1
import X509

/// A distinguished name as people write it (RFC 4514): `CN=ziggy,O=Example`, the most specific part first.
struct SubjectName: ExpressibleByArgument {
    let name: DistinguishedName

    private static let maximumLength = 1024

    /// The types that have a name here. RFC 4519 and PKCS#9; any other is written as an object identifier.
    private static let types: [String: ASN1ObjectIdentifier] = [
        "CN": [2, 5, 4, 3], "SERIALNUMBER": [2, 5, 4, 5], "C": [2, 5, 4, 6], "L": [2, 5, 4, 7], "ST": [2, 5, 4, 8],
        "STREET": [2, 5, 4, 9], "O": [2, 5, 4, 10], "OU": [2, 5, 4, 11],
        "UID": [0, 9, 2342, 19_200_300, 100, 1, 1], "DC": [0, 9, 2342, 19_200_300, 100, 1, 25],
        "EMAILADDRESS": [1, 2, 840, 113_549, 1, 9, 1],
    ]

    /// Nil for what is no name: the argument parser then says which argument it was.
    init?(argument: String) {
        guard argument.utf8.count <= Self.maximumLength, let parts = Self.split(argument), !parts.isEmpty else {
            return nil
        }
        var names: [RelativeDistinguishedName] = []
        for part in parts {
            guard let attributes = try? part.map(Self.attribute) else { return nil }
            names.append(RelativeDistinguishedName(attributes))
        }
        name = DistinguishedName(names.reversed())
    }

    private struct Malformed: Error {}

    private static func attribute(_ part: (type: String, value: String)) throws -> RelativeDistinguishedName.Attribute {
        guard let type = types[part.type.uppercased()] ?? identifier(part.type), !part.value.isEmpty else {
            throw Malformed()
        }
        switch part.type.uppercased() {
        case "C":
            guard part.value.utf8.count == 2 else { throw Malformed() }
            return try .init(type: type, printableString: part.value)
        case "SERIALNUMBER": return try .init(type: type, printableString: part.value)
        case "DC", "EMAILADDRESS": return try .init(type: type, ia5String: part.value)
        default: return .init(type: type, utf8String: part.value)
        }
    }

    private static func identifier(_ text: String) -> ASN1ObjectIdentifier? {
        guard text.contains("."), text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (48...57).contains($0) }) else {
            return nil
        }
        return try? ASN1ObjectIdentifier(dotRepresentation: text[...])
    }

    /// The parts between unescaped commas, each the pairs between unescaped plus signs; nil for a bad escape or a part that
    /// is no pair.
    private static func split(_ text: String) -> [[(type: String, value: String)]]? {
        var parts: [[(type: String, value: String)]] = [[]]
        var type: String?
        var bytes: [UInt8] = []
        // Spaces around a value do not count, and escaped ones do.
        var lengthThatCounts = 0
        var rest = Array(text.utf8)[...]

        func endPair() -> Bool {
            guard let name = type, let value = String(validating: bytes.prefix(lengthThatCounts), as: UTF8.self) else {
                return false
            }
            parts[parts.count - 1].append((name, value))
            (type, bytes, lengthThatCounts) = (nil, [], 0)
            return true
        }

        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "=") where type == nil:
                type = String(decoding: bytes.prefix(lengthThatCounts), as: UTF8.self)
                (bytes, lengthThatCounts) = ([], 0)
            case UInt8(ascii: ","):
                guard endPair() else { return nil }
                parts.append([])
            case UInt8(ascii: "+"):
                guard endPair() else { return nil }
            case UInt8(ascii: "\\"):
                if let pair = Hexadecimal.bytes(String(decoding: rest.prefix(2), as: UTF8.self)), pair.count == 1 {
                    bytes += pair
                    rest = rest.dropFirst(2)
                } else {
                    guard let escaped = rest.popFirst(), " \"#+,;<=>\\".utf8.contains(escaped) else { return nil }
                    bytes.append(escaped)
                }
                lengthThatCounts = bytes.count
            case UInt8(ascii: " ") where bytes.isEmpty: continue
            default:
                bytes.append(byte)
                if byte != UInt8(ascii: " ") { lengthThatCounts = bytes.count }
            }
        }
        return endPair() ? parts : nil
    }
}
