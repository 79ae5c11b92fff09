/// A row of a manifest, whether it can be used or not.
struct ManifestEntry: Sendable {
    /// The line that it begins on.
    let line: Int
    /// What tells its shard: the output path as it is written, or for a row in which that cannot be read the whole row.
    let name: [UInt8]
    /// The output path, where it can be read.
    let out: String?
    /// What it says, or why it cannot be used.
    let row: Result<ManifestRow, ManifestDamage>

    /// `raw` is the row as it stands in the file.
    init(line: Int, raw: [UInt8], fields: Result<[ManifestColumn: String], ManifestDamage>) {
        self.line = line
        var out: String?
        var row: Result<ManifestRow, ManifestDamage>
        switch fields {
        case .success(let fields):
            if let text = fields[.out], !text.isEmpty { out = text }
            do throws(ManifestDamage) {
                row = .success(try ManifestRow(fields))
            } catch {
                row = .failure(error)
            }
        case .failure(let damage): row = .failure(damage)
        }
        self.out = out
        self.row = row
        name = out.map { Array($0.utf8) } ?? raw
    }
}
