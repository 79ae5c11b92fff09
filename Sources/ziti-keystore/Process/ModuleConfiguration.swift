import FoundationEssentials
import Glibc
import KeyStoreCore

/// The configuration files: which native libraries a reference in a file may name.
///
/// `/etc/ziti-keystore/config.json` and `ziti-keystore/config.json` in `$XDG_CONFIG_HOME` (`~/.config` without that), each
/// `{"modules": ["/absolute/path.so"]}`. A file that is not there, or cannot be
/// reached, is no error; one that cannot be trusted or understood is.
struct ModuleConfiguration {
    /// The longest file that is read, in bytes.
    static let maximumLength = 65536

    /// The allowed libraries, of all files.
    private(set) var modules: [String] = []

    /// Reads the files. Throws `configuration`, naming the file and what is wrong in it.
    init() throws {
        for path in Self.paths { modules += try Self.modules(in: path) }
    }

    private static var paths: [String] {
        var paths = ["/etc/ziti-keystore/config.json"]
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        // The XDG base directory specification has relative paths ignored.
        if let folder = variable("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
            paths.append("\(folder)/ziti-keystore/config.json")
        } else if let home = variable("HOME"), home.hasPrefix("/") {
            paths.append("\(home)/.config/ziti-keystore/config.json")
        }
        return paths
    }

    private static func modules(in path: String) throws -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            // What cannot even be reached grants nothing: as for a service whose HOME is somebody else's.
            if errno == ENOENT || errno == ENOTDIR || errno == EACCES { return [] }
            throw failure(path, "it cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "it is not a regular file")
        }
        guard status.st_uid == 0 || status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            throw failure(path, "others than you and root can write it, and it decides which code is loaded")
        }
        guard status.st_size <= maximumLength else { throw failure(path, "it is longer than \(maximumLength) bytes") }
        do {
            // The very file that was checked, whatever the path leads to by now.
            let checked = InputFile(path: "/proc/self/fd/\(descriptor)")
            return try parse(try checked.read(limit: maximumLength), path: path)
        } catch let error as CommandFailure where error.status == .badData {
            throw failure(path, error.message)
        }
    }

    private static func parse(_ bytes: [UInt8], path: String) throws -> [String] {
        let contents: Contents
        do {
            contents = try JSONDecoder().decode(Contents.self, from: Data(bytes))
        } catch let error as Contents.UnknownKey {
            throw failure(path, "the key '\(error.name)' is not known")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let key = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined()
            throw failure(
                path, key.isEmpty ? "it holds no JSON object" : "'\(key)' has the wrong type; \(Self.form)")
        } catch {
            throw failure(path, "it is not JSON")
        }
        if let relative = contents.modules.first(where: { !$0.hasPrefix("/") }) {
            throw failure(path, "in 'modules', '\(relative)' is not an absolute path")
        }
        return contents.modules
    }

    private static let form = "\"modules\" is a list of absolute paths"

    private static func failure(_ path: String, _ reason: String) -> CommandFailure {
        CommandFailure(
            status: .configuration, code: "invalidConfiguration",
            message: "the configuration file \(path) is not used: \(reason)", operation: "read configuration",
            subject: path,
            hint: "it holds {\"modules\": [\"/absolute/path.so\"]}, and nobody but you or root may write it")
    }

    private struct Contents: Decodable {
        struct UnknownKey: Error { let name: String }
        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        let modules: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            if let unknown = container.allKeys.first(where: { $0.stringValue != "modules" }) {
                throw UnknownKey(name: unknown.stringValue)
            }
            let modules = Name(stringValue: "modules")
            self.modules = container.contains(modules) ? try container.decode([String].self, forKey: modules) : []
        }
    }
}
