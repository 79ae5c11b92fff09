import FoundationEssentials

@testable import ziti_keystore

/// What is true of every manifest, whatever stands in it. Ends the process where something is not.
enum ManifestProperties {
    static func hold(for bytes: [UInt8]) {
        header(bytes)
        rows(Array("out,key,jwt,cert,size,crv,kty,generate\n".utf8) + bytes, .csv)
        rows(bytes, .jsonLines)
        lastRow(bytes, .csv, header: "jwt,key,out\n", row: "last.jwt,file:last,last.json\n")
        lastRow(bytes, .jsonLines, header: "", row: #"{"jwt":"last.jwt","key":"file:last","out":"last.json"}"#)
        secrets(bytes)
    }

    /// The input with its own header.
    private static func header(_ bytes: [UInt8]) {
        ManifestFile.fill(bytes)
        do {
            _ = try ManifestFormat.csv.open(path: ManifestFile.path)
        } catch {
            guard let failure = error as? CommandFailure else { fatalError("a header fails with \(error)") }
            demand(failure.status == .usage, "a header fails with \(failure)")
            show(failure.message)
        }
    }

    private static func rows(_ bytes: [UInt8], _ format: ManifestFormat) {
        let entries = read(bytes, format)
        let lineCount = bytes.count { $0 == UInt8(ascii: "\n") } + 1
        demand(entries.count <= lineCount, "there are more rows than lines")
        demand(zip(entries, entries.dropFirst()).allSatisfy { $0.line < $1.line }, "rows stand in another order")
        demand(entries.allSatisfy { (1...lineCount).contains($0.line) }, "a row stands on a line that is none")
        for entry in entries {
            demand(!entry.name.isEmpty, "a row has nothing that tells its shard")
            switch entry.row {
            case .failure(let damage): show(damage.reason)
            case .success(let row): check(row, of: entry)
            }
        }
        rewritten(entries.compactMap { try? $0.row.get() })
    }

    private static func check(_ row: ManifestRow, of entry: ManifestEntry) {
        let texts = [row.jwt, row.key, row.out] + [row.cert].compactMap(\.self)
        demand(texts.allSatisfy { !$0.isEmpty && !$0.utf8.contains(0) }, "a field of a row is none: \(row)")
        demand(entry.out == row.out && entry.name == Array(row.out.utf8), "a row is named for another output")
        demand(row.generate != false || row.type == nil, "a key that is not made has a type")
        demand(row.jwt.utf8.count <= 65_536 && row.key.utf8.count <= 8192, "a field is too long")
    }

    /// Rows that were read say the same when they are written in each format.
    private static func rewritten(_ rows: [ManifestRow]) {
        guard !rows.isEmpty else { return }
        let csv = ["jwt,key,out,cert,generate"] + rows.map { row in fields(row).map(quoted).joined(separator: ",") }
        same(read(Array(csv.joined(separator: "\r\n").utf8), .csv), rows)
        let lines = rows.map { row in
            var members = [("jwt", row.jwt), ("key", row.key), ("out", row.out)].map { "\"\($0)\":\(json($1))" }
            if let cert = row.cert { members.append("\"cert\":\(json(cert))") }
            if let generate = row.generate { members.append("\"generate\":\(generate)") }
            return "{\(members.joined(separator: ","))}"
        }
        same(read(Array(lines.joined(separator: "\n").utf8), .jsonLines), rows)
    }

    private static func fields(_ row: ManifestRow) -> [String] {
        [row.jwt, row.key, row.out, row.cert ?? "", row.generate.map { "\($0)" } ?? ""]
    }

    private static func same(_ entries: [ManifestEntry], _ rows: [ManifestRow]) {
        // Byte by byte: Swift takes composed and decomposed characters for equal.
        let written = rows.map { fields($0).map { Array($0.utf8) } }
        let found = entries.map { entry in
            (try? entry.row.get()).map { fields($0).map { Array($0.utf8) } } ?? []
        }
        demand(found == written, "rows that are written read as others: \(rows) as \(entries)")
    }

    private static func quoted(_ text: String) -> String {
        // As bytes: a carriage return and a line feed are one character.
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 { bytes += byte == UInt8(ascii: "\"") ? [byte, byte] : [byte] }
        return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
    }

    private static func json(_ text: String) -> String {
        guard let data = try? JSONEncoder().encode(text) else { fatalError("text cannot be written as JSON") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Whatever stands before it, a good row at the end is read.
    private static func lastRow(_ bytes: [UInt8], _ format: ManifestFormat, header: String, row: String) {
        let last = read(Array(header.utf8) + bytes + Array("\n\(row)".utf8), format).last
        guard let last, case .success(let found) = last.row else { fatalError("the last row costs more than itself") }
        demand(
            found.jwt == "last.jwt" && found.key == "file:last" && found.out == "last.json",
            "the last row reads as \(found)")
    }

    /// A one-time token in a row is repeated by nothing that is said of the row.
    private static func secrets(_ bytes: [UInt8]) {
        let secret = "c2VjcmV0LW9uZS10aW1lLXRva2Vu"
        let csv = Array("jwt,key,out\n\(secret),".utf8) + bytes
        let json = Array("{\"jwt\":\"\(secret)\",".utf8) + bytes
        for entry in read(csv, .csv) + read(json, .jsonLines) {
            guard case .failure(let damage) = entry.row else { continue }
            demand(!damage.reason.contains(secret), "a one-time token is shown: \(damage.reason)")
        }
    }

    private static func read(_ bytes: [UInt8], _ format: ManifestFormat) -> [ManifestEntry] {
        ManifestFile.fill(bytes)
        do {
            let reader = try format.open(path: ManifestFile.path)
            var entries: [ManifestEntry] = []
            var fraction = 0.0
            while let entry = try reader.next() {
                entries.append(entry)
                demand((fraction...1).contains(reader.fraction), "less was read than before")
                fraction = reader.fraction
            }
            demand(reader.fraction == 1, "the manifest ends before its end")
            return entries
        } catch {
            fatalError("a manifest with a good header fails with \(error)")
        }
    }

    /// What a person sees is short, and as it is shown commands no terminal.
    private static func show(_ text: String) {
        demand(text.unicodeScalars.count <= 250, "what is wrong is told at length: \(text)")
        demand(
            !StandardStream.sanitised(text).replacingNewlines.unicodeScalars.contains {
                $0.properties.generalCategory == .control
            }, "what is wrong commands a terminal: \(text.debugDescription)")
    }

    private static func demand(_ condition: Bool, _ complaint: @autoclosure () -> String) {
        if !condition { fatalError(complaint()) }
    }
}
