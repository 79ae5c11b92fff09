import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// What a JSON text has wrong with it that its decoder does not tell of: nesting that only an attack needs, and a member that
/// is there twice, of which each program takes another one (RFC 8259 §4).
///
/// Nothing else is judged: for a text that is no JSON there may be no flaw.
struct JSONOutline {
    /// A flaw, as the end of a sentence about the text.
    struct Flaw: Hashable {
        let text: String
    }

    /// How deeply arrays and objects may be nested.
    static let maximumDepth = 128

    private struct Level {
        let isObject: Bool
        var names: Set<String> = []
        /// The member that is being read.
        var name = ""
        /// How many elements of an array there were before the one that is being read.
        var index = 0
    }

    private var levels: [Level] = []

    private init() {}

    /// The first flaw; nil if there is none.
    static func flaw(in bytes: [UInt8]) -> Flaw? {
        var outline = JSONOutline()
        return outline.read(bytes)
    }

    private mutating func read(_ bytes: [UInt8]) -> Flaw? {
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard levels.count < Self.maximumDepth else {
                    return Flaw(text: "is nested more than \(Self.maximumDepth) levels deep")
                }
                levels.append(Level(isObject: bytes[position] == UInt8(ascii: "{")))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = levels.popLast()
            case UInt8(ascii: ","):
                if let last = levels.indices.last { levels[last].index += 1 }
            case UInt8(ascii: "\""):
                let end = Self.endOfString(bytes, from: position)
                if Self.isName(bytes, before: end), let last = levels.indices.last, levels[last].isObject {
                    let name = Self.string(bytes[position..<end])
                    levels[last].name = name
                    guard levels[last].names.insert(name).inserted else { return Flaw(text: "has '\(path)' twice") }
                }
                position = end
                continue
            default: break
            }
            position += 1
        }
        return nil
    }

    /// Where the reading is: `id.key`, `ztAPIs[1].name`.
    private var path: String {
        var path = ""
        for level in levels {
            if level.isObject {
                path += (path.isEmpty ? "" : ".") + level.name
            } else {
                path += "[\(level.index)]"
            }
        }
        return PlainText.clean(path)
    }

    /// The position behind the string that begins at this one.
    private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
        var position = start + 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(position + 1, bytes.count)
    }

    /// Whether the string that ends before this position is a member's name.
    private static func isName(_ bytes: [UInt8], before end: Int) -> Bool {
        // A space, a tab, or the end of a line: nothing else stands between (RFC 8259 §2).
        bytes[end...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: ":")
    }

    /// What a string says; escapes are undone, so that a name is found however it is written.
    private static func string(_ literal: ArraySlice<UInt8>) -> String {
        if literal.contains(UInt8(ascii: "\\")),
            let text = try? JSONDecoder().decode([String].self, from: Data([0x5B] + literal + [0x5D])).first
        {
            return text
        }
        return String(decoding: literal.dropFirst().dropLast(), as: UTF8.self)
    }
}
