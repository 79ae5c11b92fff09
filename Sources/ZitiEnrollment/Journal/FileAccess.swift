import Glibc

/// Whose a file is, and who may read it: its owner, its group where that is so, and never others.
struct FileAccess {
    let owner: uid_t
    let group: gid_t
    let mode: mode_t

    /// What a file's successor is to have.
    init(succeeding file: stat) {
        owner = file.st_uid
        group = file.st_gid
        mode = file.st_mode & 0o040 != 0 ? 0o640 : 0o600
    }

    /// Gives it to an open file. Throws `SystemFailure`.
    func apply(to file: FileDescriptor) throws(SystemFailure) {
        let status = try file.status()
        // Afterwards the file may be somebody else's, whose mode only a few may change.
        if status.st_mode & 0o777 != mode {
            guard fchmod(file.number, mode) == 0 else { throw SystemFailure("fchmod") }
        }
        guard status.st_uid != owner || status.st_gid != group else { return }
        guard fchown(file.number, owner, group) == 0 else { throw SystemFailure("fchown") }
    }
}
