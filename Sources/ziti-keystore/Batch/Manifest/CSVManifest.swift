/// A manifest in comma-separated values. The header line names the columns, in any order.
final class CSVManifest: ManifestReader {
    private let lines: ManifestLines
    private let columns: [ManifestColumn]

    /// Reads the header. Throws a usage error if it is not one, for then no row means what it seems to.
    init(_ lines: ManifestLines) throws {
        self.lines = lines
        guard let header = try Self.record(lines) else { throw Self.badHeader("is missing; the manifest is empty") }
        let names: [String]
        do throws(ManifestDamage) {
            names = try Self.texts(header.fields.get())
        } catch {
            throw Self.badHeader("cannot be read: \(error.reason)")
        }
        var columns: [ManifestColumn] = []
        for name in names {
            guard let column = ManifestColumn(rawValue: name) else {
                throw Self.badHeader("names a column that is not known: '\(ManifestDamage.shown(name))'")
            }
            guard !columns.contains(column) else { throw Self.badHeader("names the column '\(column)' twice") }
            columns.append(column)
        }
        if let missing = ManifestColumn.required.first(where: { !columns.contains($0) }) {
            throw Self.badHeader("lacks the column '\(missing)'")
        }
        self.columns = columns
    }

    var fraction: Double { lines.fraction }

    func next() throws -> ManifestEntry? {
        guard let record = try Self.record(lines) else { return nil }
        var fields: Result<[ManifestColumn: String], ManifestDamage>
        do throws(ManifestDamage) {
            let texts = try Self.texts(record.fields.get())
            guard texts.count == columns.count else {
                throw ManifestDamage("it has \(texts.count) fields, and the header \(columns.count)")
            }
            fields = .success(Dictionary(uniqueKeysWithValues: zip(columns, texts)))
        } catch {
            fields = .failure(error)
        }
        return ManifestEntry(line: record.line, raw: record.raw, fields: fields)
    }

    /// The next record; empty lines are none. One that is damaged ends with its first line, so that a quotation mark that is
    /// missing costs one row and not all that follow.
    private static func record(_ lines: ManifestLines) throws -> (
        line: Int, raw: [UInt8], fields: Result<[[UInt8]], ManifestDamage>
    )? {
        var first: ManifestLines.Line
        repeat {
            guard let line = try lines.next() else { return nil }
            first = line
        } while !first.isTooLong && (first.bytes.isEmpty || first.bytes == [UInt8(ascii: "\r")])

        var parser = CSVRecordParser()
        var taken: [ManifestLines.Line] = [first]
        var length = 0
        var damage: ManifestDamage
        while true {
            let line = taken[taken.count - 1]
            length += line.bytes.count + 1
            guard !line.isTooLong, length <= ManifestLines.maximumLength else {
                damage = ManifestDamage("it is longer than \(ManifestLines.maximumLength) bytes")
                if taken.count > 1 { damage = Self.openQuote }
                break
            }
            let outcome = parser.take(line.bytes)
            if case .complete(let fields) = outcome {
                return (first.number, Array(taken.map(\.bytes).joined(separator: [0x0A])), .success(fields))
            }
            if case .damaged(let found) = outcome {
                damage = found
                break
            }
            guard let next = try lines.next() else {
                damage = Self.openQuote
                break
            }
            taken.append(next)
        }
        lines.giveBack(taken.dropFirst())
        return (first.number, first.bytes, .failure(damage))
    }

    private static let openQuote = ManifestDamage("a quotation mark opens a field and none closes it")

    private static func texts(_ fields: [[UInt8]]) throws(ManifestDamage) -> [String] {
        var texts: [String] = []
        for field in fields {
            guard let text = String(validating: field, as: UTF8.self) else {
                throw ManifestDamage("it is not text in UTF-8")
            }
            texts.append(text)
        }
        return texts
    }

    private static func badHeader(_ reason: String) -> CommandFailure {
        .usage(
            "the manifest's header line \(reason)",
            hint: "it names jwt, key and out, and as they are needed generate, kty, crv, size and cert")
    }
}
