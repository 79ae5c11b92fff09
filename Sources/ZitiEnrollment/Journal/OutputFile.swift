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
        do throws(SystemFailure) {
            let file = try FreshFile(in: folder)
            try access?.apply(to: file.descriptor)
            try file.descriptor.write(bytes)
            try file.descriptor.synchronise()
            if let target { try file.replace(target) } else { try file.place(at: path) }
            try FileDescriptor.synchroniseFolder(folder)
        } catch {
            if error.number == EEXIST { throw alreadyThere() }
            throw notWritable(error)
        }
    }

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
}
