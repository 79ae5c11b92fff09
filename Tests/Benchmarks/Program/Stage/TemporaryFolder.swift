internal import FoundationEssentials
internal import Glibc

/// A new folder that only its owner enters.
struct TemporaryFolder {
    let path: String

    init(in parent: String? = nil) throws {
        let parent = parent ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/keystore-benchmark-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchmarkError("no folder could be made in \(parent): \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        let path = path(name)
        try Data(bytes).write(to: URL(filePath: path))
        guard chmod(path, 0o600) == 0 else { throw BenchmarkError("\(path) cannot be protected: \(errno)") }
        return path
    }

    func makeFolder(_ name: String) throws -> String {
        let path = path(name)
        guard mkdir(path, 0o700) == 0 else { throw BenchmarkError("\(path) cannot be made: \(errno)") }
        return path
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
