import Glibc
import X509

/// The files of a renewal: the identity file, the new one beside it until the controller has accepted its certificate,
/// and the journal.
struct RenewalFiles {
    /// What the journal's name ends with.
    static let journalSuffix = ".renewing"
    /// What the new identity file's name ends with, until it takes the other's place.
    static let nextSuffix = ".next"

    /// The identity file, without symbolic links.
    let identity: OutputFile

    /// The new identity file.
    var nextPath: String { identity.path + Self.nextSuffix }

    /// Finds the file at the path, which may be a symbolic link: what it leads to is renewed, beside where it is.
    /// Throws `identityInvalid` if there is none.
    init(path: String) throws(EnrollmentError) {
        guard let real = realpath(path, nil) else {
            let failure = SystemFailure("realpath")
            throw EnrollmentError(
                .identityInvalid, "the identity file '\(path)' cannot be read: \(failure)", underlying: failure)
        }
        defer { free(real) }
        identity = try OutputFile(path: String(cString: real), journalSuffix: Self.journalSuffix)
    }

    /// What an unfinished renewal has left beside an identity file; nil where there is nothing.
    static func leftOver(beside path: String) -> String? {
        guard let files = try? RenewalFiles(path: path) else { return nil }
        return [files.nextPath, files.identity.journalPath].first { path in
            var status = stat()
            return lstat(path, &status) == 0
        }
    }

    /// The new identity that an earlier attempt has written; nil if there is none. Throws `journalInvalid` for what
    /// is no identity file of this user's.
    func readNext() throws(EnrollmentError) -> IdentityFile? {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(nextPath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            if error.number == ENOENT { return nil }
            throw error.number == ELOOP ? invalidNext() : identity.notWritable(error)
        }
        // Whoever can put a file here could have a key of theirs used from now on.
        var owner = stat()
        guard stat(identity.path, &owner) == 0, let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid() || status.st_uid == owner.st_uid, status.st_mode & 0o037 == 0,
            let bytes = try? file.readAll(maximumLength: IdentityFile.maximumLength),
            let next = try? IdentityFile(json: bytes)
        else { throw invalidNext() }
        return next
    }

    /// Writes the new identity beside the old one, in place of one that an earlier attempt left, with the old one's owner
    /// and group, and what the group may read. It is on the disk when this returns. Throws `outputNotWritable`, also where
    /// it could not take the old one's place later: the controller must not be told of it then.
    func writeNext(_ bytes: [UInt8]) throws(EnrollmentError) {
        var old = stat()
        var folder = stat()
        guard stat(identity.path, &old) == 0, stat(identity.folder, &folder) == 0 else {
            throw identity.notWritable(SystemFailure("stat"))
        }
        if Self.isKept(old, in: folder, from: geteuid()) {
            errno = EPERM
            throw notReplaceable(identity.notWritable(SystemFailure("rename")))
        }
        do {
            try identity.write(bytes, replacing: nextPath, access: FileAccess(succeeding: old))
        } catch {
            let failure = error.underlying as? SystemFailure
            throw failure?.function == "fchown" ? notReplaceable(error) : error
        }
    }

    /// Whether a folder keeps a file from being replaced by a user, as those do in which everybody may write.
    static func isKept(_ file: stat, in folder: stat, from user: uid_t) -> Bool {
        folder.st_mode & S_ISVTX != 0 && user != 0 && folder.st_uid != user && file.st_uid != user
    }

    private func notReplaceable(_ error: EnrollmentError) -> EnrollmentError {
        error.hinting("The file is another user's. Renew as its owner, or as root.")
    }

    /// Puts the new identity in the old one's place; others lose their access to it. Answers whether they had any. Throws
    /// `outputNotWritable`.
    func replace() throws(EnrollmentError) -> Bool {
        do throws(SystemFailure) {
            var old = stat()
            guard stat(identity.path, &old) == 0 else { throw SystemFailure("stat") }
            let next = try FileDescriptor.open(nextPath, O_RDONLY | O_NOFOLLOW)
            // The old one's may have been changed since the new one was written.
            try FileAccess(succeeding: old).apply(to: next)
            try next.synchronise()
            guard rename(nextPath, identity.path) == 0 else { throw SystemFailure("rename") }
            try FileDescriptor.synchroniseFolder(identity.folder)
            return old.st_mode & 0o007 != 0
        } catch {
            throw identity.notWritable(error)
        }
    }

    /// Writes a certificate that was refused to `FILE.rejected.pem`, for a person to look at. Nil where that fails: the
    /// refusal matters more.
    func keepRejected(_ chain: [Certificate]) -> String? {
        let path = identity.path + ".rejected.pem"
        let encoded = chain.compactMap { try? $0.derBytes }
        return (try? identity.write(Array(CertificateList.pem(encoded).utf8), replacing: path)).map { path }
    }

    /// Removes the new identity that turned out to be worth nothing. Throws `outputNotWritable`.
    func dropNext() throws(EnrollmentError) {
        guard unlink(nextPath) == 0 || errno == ENOENT else { throw identity.notWritable(SystemFailure("unlink")) }
    }

    /// Moves the new identity away that is not of the identity file, and answers where to. Throws `outputNotWritable`.
    func setNextAside() throws(EnrollmentError) -> String {
        let path = nextPath + ".other"
        guard rename(nextPath, path) == 0 else { throw identity.notWritable(SystemFailure("rename")) }
        return path
    }

    private func invalidNext() -> EnrollmentError {
        EnrollmentError(
            .journalInvalid, "'\(nextPath)' is not the new identity file of a renewal by this user",
            hint: "Look at the file, and move it away if it is not needed.")
    }
}
