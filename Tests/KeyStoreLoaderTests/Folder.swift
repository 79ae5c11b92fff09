import Foundation
import Glibc

/// A folder that nobody else can write, which goes with its last holder.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/keystore-loader.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes a file with these bytes and this mode, whatever the process's mask.
    @discardableResult
    func file(_ name: String, _ bytes: [UInt8] = [], mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        try setMode(file, mode)
        return file
    }

    @discardableResult
    func folder(_ name: String, mode: mode_t = 0o700) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        try setMode("\(path)/\(name)", mode)
        return "\(path)/\(name)"
    }

    @discardableResult
    func link(_ name: String, to target: String) throws -> String {
        guard symlink(target, "\(path)/\(name)") == 0 else { throw CocoaError(.fileWriteUnknown) }
        return "\(path)/\(name)"
    }

    func setMode(_ file: String, _ mode: mode_t) throws {
        guard chmod(file, mode) == 0 else { throw CocoaError(.fileWriteNoPermission) }
    }
}
