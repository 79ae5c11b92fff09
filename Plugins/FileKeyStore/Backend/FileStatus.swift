import Glibc

/// What the system knows of a file. Equal while nobody changed or replaced it.
struct FileStatus: Equatable {
    let device: UInt
    let number: UInt
    let size: Int
    let modifiedSeconds: Int
    let modifiedNanoseconds: Int
    let mode: UInt32
    var owner: UInt32

    private init(_ status: stat) {
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
        size = Int(status.st_size)
        modifiedSeconds = status.st_mtim.tv_sec
        modifiedNanoseconds = status.st_mtim.tv_nsec
        mode = status.st_mode
        owner = status.st_uid
    }

    /// Of an open file; nil with `errno`.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of what the path leads to, through symbolic links; nil with `errno`.
    init?(following path: AbsolutePath) {
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }

    /// Of what stands at the path itself; nil with `errno`.
    init?(at path: AbsolutePath) {
        var status = stat()
        guard path.withCString({ lstat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }

    var isRegular: Bool { mode & S_IFMT == S_IFREG }
    var isFolder: Bool { mode & S_IFMT == S_IFDIR }
    var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
    var permissions: UInt32 { mode & 0o7777 }

    /// The permissions as `chmod` takes them: "0640".
    var permissionsText: String {
        let digits = String(permissions, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
