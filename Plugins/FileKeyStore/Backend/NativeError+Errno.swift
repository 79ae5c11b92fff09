import Glibc
import KeyStoreCore

extension NativeError {
    static let errnoDomain = "errno"

    /// The system call that just failed on this thread, with `errno`.
    static func errno(_ function: String) -> NativeError { errno(function, Glibc.errno) }

    static func errno(_ function: String, _ number: Int32) -> NativeError {
        NativeError(domain: errnoDomain, function: function, name: names[number] ?? "", number: Int64(number))
    }

    /// The system's words for the number.
    var errnoText: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, strerror_r(Int32(number), start, buffer.count) == 0 else {
                return "error \(number)"
            }
            return String(cString: start)
        }
    }

    /// What opening and writing files can end in.
    private static let names: [Int32: String] = [
        EACCES: "EACCES", EBUSY: "EBUSY", EDQUOT: "EDQUOT", EEXIST: "EEXIST", EFBIG: "EFBIG", EINTR: "EINTR",
        EINVAL: "EINVAL", EIO: "EIO", EISDIR: "EISDIR", ELOOP: "ELOOP", EMFILE: "EMFILE", EMLINK: "EMLINK",
        ENAMETOOLONG: "ENAMETOOLONG", ENFILE: "ENFILE", ENODEV: "ENODEV", ENOENT: "ENOENT", ENOMEM: "ENOMEM",
        ENOSPC: "ENOSPC", ENOSYS: "ENOSYS", ENOTDIR: "ENOTDIR", ENXIO: "ENXIO", EOPNOTSUPP: "EOPNOTSUPP",
        EPERM: "EPERM", EROFS: "EROFS", ESTALE: "ESTALE", ETXTBSY: "ETXTBSY", EXDEV: "EXDEV",
    ]
}
