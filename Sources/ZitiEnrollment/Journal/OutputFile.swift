import Glibc

/// The identity file that an enrollment is to write. It is never overwritten, and appears whole or not at all.
struct OutputFile {
    /// The path as the caller gave it.
    let path: String

    /// What the journal's name ends with.
    let journalSuffix: String

    /// The journal beside it, which also reserves it.
    var journalPath: String { path + journalSuffix }

    /// The folder it stands in.
    var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Throws `outputNotWritable` for a path that cannot name a file.
    init(path: String, journalSuffix: String = ".enrolling") throws(EnrollmentError) {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard !name.isEmpty, name != ".", name != "..", path.utf8.count < Int(PATH_MAX) - 64, !path.utf8.contains(0)
        else {
            throw EnrollmentError(.outputNotWritable, "'\(path)' names no file to write", hint: "Give another --out.")
        }
        self.path = path
        self.journalSuffix = journalSuffix
    }

    /// Whether something stands at the path, a dangling symbolic link included.
    var exists: Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The contents, up to a length; nil if there is nothing that can be read.
    func contents(maximumLength: Int) -> [UInt8]? {
        try? FileDescriptor.open(path, O_RDONLY).readAll(maximumLength: maximumLength)
    }

    /// Writes the file with mode 0600 and makes it last: the bytes first, under another name, then the name, then the
    /// folder. Throws `outputExists` if something has appeared at the path meanwhile, and `outputNotWritable`.
    func write(_ bytes: [UInt8]) throws(EnrollmentError) { try write(bytes, replacing: nil) }

    /// The same for a file beside it, whatever is there now; with the access that another file has, where one is given.
    func write(
        _ bytes: [UInt8], replacing target: String?, access: FileAccess? = nil
    ) throws(EnrollmentError) {
        let temporary = temporaryPath()
        var isThere = false
        defer { if isThere { unlink(temporary) } }
        do throws(SystemFailure) {
            let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            isThere = true
            // The mode of a new file is subject to the umask, which may take away what the owner needs.
            guard fchmod(file.number, 0o600) == 0 else { throw SystemFailure("fchmod") }
            try access?.apply(to: file)
            try file.write(bytes)
            try file.synchronise()
            if let target {
                guard rename(temporary, target) == 0 else { throw SystemFailure("rename") }
            } else {
                try Self.moveWithoutReplacing(temporary, path)
            }
            isThere = false
            try FileDescriptor.synchroniseFolder(folder)
        } catch {
            if error.number == EEXIST { throw alreadyThere() }
            throw notWritable(error)
        }
    }

    /// A name in the folder that nothing has. Without the file's own name, which may be as long as a name can be.
    func temporaryPath() -> String { "\(folder)/.ziti-keystore.\(getpid()).\(UInt64.random(in: 0 ... .max))" }

    /// What to throw when the file is there already.
    func alreadyThere() -> EnrollmentError {
        EnrollmentError(
            .outputExists, "the output file '\(path)' exists already",
            hint: "Give another --out, or move the file away.")
    }

    /// What to throw when a file in the folder cannot be written.
    func notWritable(_ failure: SystemFailure) -> EnrollmentError {
        EnrollmentError(
            .outputNotWritable, "'\(path)' cannot be written: \(failure)",
            hint: "Check that the folder '\(folder)' exists, that it is yours, and that there is space left.",
            underlying: failure)
    }

    private static func moveWithoutReplacing(_ source: String, _ target: String) throws(SystemFailure) {
        // A hard link refuses to replace what is there; a rename does not.
        if link(source, target) == 0 {
            unlink(source)
            return
        }
        guard errno == EPERM || errno == ENOTSUP || errno == ENOSYS else { throw SystemFailure("link") }
        // A file system without hard links: the journal's lock keeps other enrollments out, if nothing else.
        var status = stat()
        guard lstat(target, &status) != 0 else {
            errno = EEXIST
            throw SystemFailure("lstat")
        }
        guard rename(source, target) == 0 else { throw SystemFailure("rename") }
    }
}
