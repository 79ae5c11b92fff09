import FoundationEssentials

/// A manifest with a JSON object on each line (JSON Lines).
final class JSONManifest: ManifestReader {
    private let lines: ManifestLines

    init(_ lines: ManifestLines) { self.lines = lines }

    var fraction: Double { lines.fraction }

    func next() throws -> ManifestEntry? {
        while let line = try lines.next() {
            // White space alone is no row (RFC 8259 §2 has four kinds).
            if !line.isTooLong, line.bytes.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            let fields: Result<[ManifestColumn: String], ManifestDamage>
            do throws(ManifestDamage) {
                guard !line.isTooLong else {
                    throw ManifestDamage("it is longer than \(ManifestLines.maximumLength) bytes")
                }
                fields = .success(try Self.fields(line.bytes))
            } catch {
                fields = .failure(error)
            }
            return ManifestEntry(line: line.number, raw: line.bytes, fields: fields)
        }
        return nil
    }

    private static func fields(_ line: [UInt8]) throws(ManifestDamage) -> [ManifestColumn: String] {
        do {
            return try JSONDecoder().decode(Contents.self, from: Data(line)).fields
        } catch let damage as ManifestDamage {
            throw damage
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            guard let name = context.codingPath.first?.stringValue else {
                throw ManifestDamage("it is no JSON object")
            }
            throw ManifestDamage("'\(name)' has a value of the wrong kind")
        } catch {
            // The decoder's own words may repeat a part of the row.
            throw ManifestDamage("it is not JSON, or was cut short")
        }
    }

    private struct Contents: Decodable {
        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var fields: [ManifestColumn: String] = [:]

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Name.self)
            for name in values.allKeys {
                guard let column = ManifestColumn(rawValue: name.stringValue) else {
                    throw ManifestDamage("the member '\(ManifestDamage.shown(name.stringValue))' is not known")
                }
                if try values.decodeNil(forKey: name) { continue }
                switch column {
                case .generate: fields[column] = try values.decode(Bool.self, forKey: name) ? "true" : "false"
                case .size: fields[column] = String(try values.decode(Int.self, forKey: name))
                default: fields[column] = try values.decode(String.self, forKey: name)
                }
            }
        }
    }
}
