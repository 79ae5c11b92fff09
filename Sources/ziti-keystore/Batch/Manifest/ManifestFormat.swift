/// How a manifest is written: its name tells.
enum ManifestFormat: Sendable {
    /// Comma-separated values with a header line (RFC 4180).
    case csv
    /// A JSON object on each line.
    case jsonLines

    /// Nil for a name that tells nothing.
    init?(path: String) {
        let path = path.lowercased()
        if path.hasSuffix(".csv") {
            self = .csv
        } else if path.hasSuffix(".jsonl") {
            self = .jsonLines
        } else {
            return nil
        }
    }
}
