/// Rows of text in aligned columns.
struct TextTable {
    private var rows: [[String]] = []

    /// Adds a row. Control characters, and line breaks, are made harmless.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map { StandardStream.sanitised($0).replacingNewlines })
    }

    /// The rows on lines of their own, with two spaces between the columns and none at the ends.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let padded = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            var line = padded.joined()[...]
            while line.last == " " { line = line.dropLast() }
            return String(line)
        }.joined(separator: "\n")
    }
}
