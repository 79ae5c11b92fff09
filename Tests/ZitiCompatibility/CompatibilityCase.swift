import Foundation

/// One cell of the table in `Sources/ZitiEnrollment/README.md`: what comes of one method with one controller and one place for
/// the key. The table is read from the page, so that it says nothing that is not tried.
public struct CompatibilityCase: Sendable, CustomStringConvertible {
    /// A column of the table, by its title.
    public enum Column: String, Sendable {
        case keyFile = "Key file"
        case softHSM = "SoftHSM2"
        case yubiKey = "YubiKey"
        case noKey = "No key"
        case sdk = "C SDK"
    }

    /// The method, as enrollment JWTs name it.
    public let method: String
    /// The controller's version, as `Configuration.version` takes it.
    public let version: String
    /// What the table says: `session`, `trust` or `refused`.
    public let outcome: String

    /// The method and the version.
    public var description: String { "\(method), \(version)" }

    private static let versions = ["1.6": "v1.6.20", "2.0": "v2.0.3", "2.1": "v2.1.0"]

    /// The cells of a column that say something, from the first row to the last. A row that cannot be read is a case that
    /// fails.
    public static func all(in column: Column) -> [CompatibilityCase] {
        let page = URL(filePath: #filePath).appending(path: "../../../Sources/ZitiEnrollment/README.md").standardized
        let lines = (try? String(contentsOf: page, encoding: .utf8))?.components(separatedBy: "\n") ?? []
        let rows = lines.drop { !$0.contains("| \(column.rawValue) |") }.prefix { $0.hasPrefix("|") }.map { row in
            row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces.union(["`"]))
            }
        }
        guard let header = rows.first, let index = header.firstIndex(of: column.rawValue) else { return [] }
        // What follows the header is the line under it.
        return rows.dropFirst(2).compactMap { row in
            guard row.count == header.count, let version = versions[row[1]] else {
                return CompatibilityCase(method: "a row that cannot be read", version: "", outcome: "\(row)")
            }
            return row[index].isEmpty ? nil : CompatibilityCase(method: row[0], version: version, outcome: row[index])
        }
    }
}
