public import FoundationEssentials
public import Glibc

/// A new folder of a test's own, removed with everything in it when the test lets go of it.
public final class TemporaryFolder: Sendable {
    /// The absolute path, without symbolic links.
    public let path: String

    /// Makes the folder with mode 0700, in a folder that has no symbolic link in its path. A test that has nowhere to write
    /// cannot go on: the process ends.
    public init(in parent: String = "/tmp") {
        var template = Array("\(parent)/ziti-keystore-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no folder can be made in \(parent): errno \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove() }

    /// Removes the folder now. For one that a static property holds, which is never let go of.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in the folder.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The same as a file URL.
    public func url(_ name: String) -> URL { URL(filePath: path(name)) }

    /// Writes a file with the mode, whatever the umask, and returns its path.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8] = [], mode: mode_t = 0o600) throws -> String {
        try Data(bytes).write(to: url(name))
        try setMode(name, mode)
        return path(name)
    }

    /// Writes a file of text, likewise.
    @discardableResult
    public func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        try write(name, Array(text.utf8), mode: mode)
    }

    /// Makes a folder with the mode, whatever the umask, unless it is there, and returns its path.
    @discardableResult
    public func makeFolder(_ name: String, mode: mode_t = 0o700) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        try setMode(name, mode)
        return path(name)
    }

    /// Makes a symbolic link, and returns its path.
    @discardableResult
    public func link(_ name: String, to target: String) throws -> String {
        guard symlink(target, path(name)) == 0 else { throw CocoaError(.fileWriteUnknown) }
        return path(name)
    }

    /// Sets the permission bits of a file or folder.
    public func setMode(_ name: String, _ mode: mode_t) throws {
        guard chmod(path(name), mode) == 0 else { throw CocoaError(.fileWriteNoPermission) }
    }

    /// The permission bits of a file.
    public func mode(_ name: String) throws -> mode_t {
        var status = stat()
        guard stat(path(name), &status) == 0 else { throw CocoaError(.fileReadNoSuchFile) }
        return status.st_mode & 0o7777
    }

    /// The contents of a file.
    public func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

    /// Whether something of the name is there.
    public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The names in the folder, hidden ones included, in order.
    public func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
