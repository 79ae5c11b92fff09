internal import FoundationEssentials
internal import Glibc

/// The folder the state lives in: one JSON file per record, mode 0600, each written whole or not at all.
struct Folder: Sendable {
    let path: String

    /// What a record is; also the name of the folder its files are in.
    enum Kind: String, Sendable, CaseIterable {
        case identities, enrollments, authenticators, passwords, extensions, sessions, authorities, signers
    }

    /// Uses a folder, which is made, with mode 0700, if it is not there; its parent must be.
    init(_ path: String) throws {
        self.path = path
        try Folder.makeDirectory(path)
        for kind in Kind.allCases { try Folder.makeDirectory("\(path)/\(kind.rawValue)") }
    }

    /// Takes the folder for one running controller; the lock ends with the descriptor that is returned.
    func lock() throws -> CInt {
        let descriptor = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ControllerError("\(path)/lock: \(Folder.reason())") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ControllerError("\(path) is used by another controller that is running")
        }
        return descriptor
    }

    /// Writes a record of a kind; `name` is made of characters that a file name can have.
    func write(_ value: some Encodable, _ kind: Kind, _ name: String) throws {
        try write(value, "\(kind.rawValue)/\(name).json")
    }

    /// Writes a file of the folder, replacing what was there, so that a crash leaves the old one or the new one.
    func write(_ value: some Encodable, _ file: String) throws {
        let bytes = try JSONEncoder().encode(value)
        let target = "\(path)/\(file)"
        let temporary = "\(target).\(getpid()).\(UInt32.random(in: .min ... .max)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ControllerError("\(temporary): \(Folder.reason())") }
        var reason: String?
        if fchmod(descriptor, 0o600) != 0 { reason = Folder.reason() }
        var rest = Array(bytes)[...]
        while reason == nil, !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 { rest = rest.dropFirst(written) } else if errno != EINTR { reason = Folder.reason() }
        }
        if reason == nil, fsync(descriptor) != 0 { reason = Folder.reason() }
        close(descriptor)
        if reason == nil, rename(temporary, target) != 0 { reason = Folder.reason() }
        if let reason {
            unlink(temporary)
            throw ControllerError("\(target): \(reason)")
        }
    }

    /// Reads a record; nil if there is none. A file that cannot be read or is not such a record is an error.
    func read<Value: Decodable>(_ type: Value.Type, _ kind: Kind, _ name: String) throws -> Value? {
        try read(type, "\(kind.rawValue)/\(name).json")
    }

    /// Reads a file of the folder; nil if there is none.
    func read<Value: Decodable>(_ type: Value.Type, _ file: String) throws -> Value? {
        let target = "\(path)/\(file)"
        guard access(target, F_OK) == 0 else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(contentsOf: .init(filePath: target)))
        } catch {
            throw ControllerError("\(target) cannot be read: \(error)")
        }
    }

    /// Reads all records of a kind, in no order.
    func readAll<Value: Decodable>(_ type: Value.Type, _ kind: Kind) throws -> [Value] {
        guard let directory = opendir("\(path)/\(kind.rawValue)") else {
            throw ControllerError("\(path)/\(kind.rawValue): \(Folder.reason())")
        }
        defer { closedir(directory) }
        var values: [Value] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".json"), let value = try read(type, "\(kind.rawValue)/\(name)") else { continue }
            values.append(value)
        }
        return values
    }

    /// Removes a record; that it is not there is not an error.
    func remove(_ kind: Kind, _ name: String) {
        unlink("\(path)/\(kind.rawValue)/\(name).json")
    }

    private static func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw ControllerError("\(path): \(reason())")
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
