import Glibc

/// A file that is being made, in the folder in which it will stand, with mode 0600.
///
/// It has no name until it is complete (O_TMPFILE), so that a process that is killed leaves nothing; on file systems that
/// cannot do that, and in the moment in which it replaces another, it has a hidden one. Whatever it is called by then goes with this object, unless it got its place.
final class FreshFile {
    /// Linux's value on all machines that Swift runs on; Glibc defines it only for GNU sources.
    private static let unnamed: CInt = 0o20000000 | O_DIRECTORY

    /// To write with.
    let descriptor: FileDescriptor

    private let hiddenPath: String
    private var isHidden = false

    /// Makes the file. Throws `SystemFailure`.
    init(in folder: String, mayBeUnnamed: Bool = true) throws(SystemFailure) {
        // Without the file's own name, which may be as long as a name can be.
        hiddenPath = "\(folder)/.ziti-keystore.\(getpid()).\(UInt64.random(in: 0 ... .max))"
        if mayBeUnnamed, let descriptor = try Self.openUnnamed(folder) {
            self.descriptor = descriptor
        } else {
            descriptor = try FileDescriptor.open(hiddenPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            isHidden = true
        }
        // The mode of a new file is subject to the umask, which may take away what the owner needs.
        guard fchmod(descriptor.number, 0o600) == 0 else { throw SystemFailure("fchmod") }
    }

    deinit { if isHidden { unlink(hiddenPath) } }

    /// Gives the file a name that nothing has. Throws `SystemFailure`, EEXIST where something has it.
    func place(at path: String) throws(SystemFailure) {
        guard isHidden else { return try link(to: path) }
        // A hard link refuses to replace what is there; a rename does not.
        if Glibc.link(hiddenPath, path) == 0 { return }
        guard errno == EPERM || errno == ENOTSUP || errno == ENOSYS else { throw SystemFailure("link") }
        // A file system without hard links: the journal's lock keeps other enrollments out, if nothing else.
        var status = stat()
        guard lstat(path, &status) != 0 else {
            errno = EEXIST
            throw SystemFailure("lstat")
        }
        try replace(path)
    }

    /// Puts the file in the place of what stands at the path, in one move. Throws `SystemFailure`.
    func replace(_ path: String) throws(SystemFailure) {
        if !isHidden {
            try link(to: hiddenPath)
            isHidden = true
        }
        guard rename(hiddenPath, path) == 0 else { throw SystemFailure("rename") }
        isHidden = false
    }

    private func link(to path: String) throws(SystemFailure) {
        let source = "/proc/self/fd/\(descriptor.number)"
        guard linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 else { throw SystemFailure("linkat") }
    }

    /// Nil where the file system knows no such files, or where they could not be given a name.
    private static func openUnnamed(_ folder: String) throws(SystemFailure) -> FileDescriptor? {
        guard access("/proc/self/fd", X_OK) == 0 else { return nil }
        do throws(SystemFailure) {
            return try FileDescriptor.open(folder, unnamed | O_RDWR, mode: 0o600)
        } catch {
            guard [EOPNOTSUPP, EISDIR, EINVAL].contains(error.number) else { throw error }
            return nil
        }
    }
}
