/// Gives the rows of a manifest one after the other. Memory does not grow with their number.
protocol ManifestReader {
    /// How much of the file has been read, from 0 to 1.
    var fraction: Double { get }

    /// The next row; nil at the end. Throws `badData` if the file cannot be read.
    func next() throws -> ManifestEntry?
}

extension ManifestFormat {
    /// Opens a manifest. Throws `badData` if it cannot be read, and a usage error for a wrong header.
    func open(path: String) throws -> any ManifestReader {
        let lines = try ManifestLines(path: path)
        return switch self {
        case .csv: try CSVManifest(lines)
        case .jsonLines: JSONManifest(lines)
        }
    }
}
