internal import Foundation

/// A file that a key's state is kept in, in clear. Written whole beside it and renamed, so that a crash leaves the old or the
/// new state and never half of one.
struct StateFile {
    var path: String

    /// The state; nil if there is no such file. Throws where it cannot be read.
    func load() throws -> CardState? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try JSONDecoder().decode(CardState.self, from: Data(contentsOf: URL(filePath: path)))
    }

    func save(_ state: CardState) throws {
        try JSONEncoder().encode(state).write(to: URL(filePath: path), options: .atomic)
    }
}
