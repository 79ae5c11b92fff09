import FoundationEssentials
import Glibc

/// The journal of something that is done to an identity file: keeps others out meanwhile, and lets the same go on after a
/// failure or a kill at any step. That of an enrollment, `OUT.enrolling`, reserves the output too.
///
/// Records are appended as lines of JSON, and each is on the disk before the next step begins. A line that was cut short by
/// a kill does not count. The lock belongs to the open file and ends with the process.
final class Journal<Record: JournalEntry> {
    /// The longest journal that is read, in bytes.
    static var maximumLength: Int { 4 << 20 }
    /// Room kept for the certificate before it is asked for, in bytes.
    private static var reservedLength: off_t { 64 << 10 }

    /// How many bytes of records that do not count any more are kept.
    private static var maximumWaste: Int { 32 << 10 }

    /// The last record.
    private(set) var record: Record

    private let output: OutputFile
    private var file: FileDescriptor
    /// Where the next record goes; zeros follow, which keep room.
    private var end: off_t

    private init(_ record: Record, output: OutputFile, file: FileDescriptor, end: off_t = 0) {
        self.record = record
        self.output = output
        self.file = file
        self.end = end
    }

    /// Opens and locks the journal that stands beside the output; nil if there is none, or an empty one. Throws
    /// the record's code for being busy if another process holds it, `journalInvalid` if it is none of ours, and `outputNotWritable`.
    static func openExisting(_ output: OutputFile) throws(EnrollmentError) -> Journal? {
        guard let file = try lock(output, O_RDWR) else { return nil }
        guard let (record, end) = try lastRecord(in: file, output: output) else { return nil }
        let journal = Journal(record, output: output, file: file, end: end)
        if try Int(end) - journal.line().count > maximumWaste { try journal.shorten() }
        return journal
    }

    /// Makes and locks the journal, with its first record. Throws what `openExisting` throws.
    static func create(_ record: Record, _ output: OutputFile) throws(EnrollmentError) -> Journal {
        guard let file = try lock(output, O_RDWR | O_CREAT) else {
            throw EnrollmentError(Record.busyCode, "the journal '\(output.journalPath)' comes and goes")
        }
        // Between the look for a journal and here, another process may have begun and ended.
        guard try lastRecord(in: file, output: output) == nil else { throw busy(output) }
        let journal = Journal(record, output: output, file: file)
        do throws(SystemFailure) {
            guard ftruncate(file.number, 0) == 0 else { throw SystemFailure("ftruncate") }
            try reserve(reservedLength, in: file)
            try FileDescriptor.synchroniseFolder(output.folder)
        } catch {
            unlink(output.journalPath)
            throw output.notWritable(error)
        }
        try journal.append()
        return journal
    }

    /// Changes the record and puts it on the disk. Throws `outputNotWritable`.
    func update(_ change: (inout Record) -> Void) throws(EnrollmentError) {
        change(&record)
        try append()
    }

    /// Keeps room for so many bytes beside those that are kept for a certificate. Throws `outputNotWritable`.
    func reserve(_ length: Int) throws(EnrollmentError) {
        do throws(SystemFailure) {
            try Self.reserve(end + off_t(length) + Self.reservedLength, in: file)
        } catch {
            throw output.notWritable(error)
        }
    }

    /// Removes the journal. Throws `outputNotWritable`.
    func remove() throws(EnrollmentError) {
        guard unlink(output.journalPath) == 0 || errno == ENOENT else {
            throw output.notWritable(SystemFailure("unlink"))
        }
        do throws(SystemFailure) {
            try FileDescriptor.synchroniseFolder(output.folder)
        } catch {
            throw output.notWritable(error)
        }
    }

    /// A full disk is to be found before the certificate is there. File systems that cannot do this go on.
    private static func reserve(_ length: off_t, in file: FileDescriptor) throws(SystemFailure) {
        errno = posix_fallocate(file.number, 0, length)
        if errno == ENOSPC || errno == EDQUOT { throw SystemFailure("posix_fallocate") }
    }

    /// The record as it is appended.
    private func line() throws(EnrollmentError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(record) else {
            throw EnrollmentError(.defect, "the journal's record cannot be encoded")
        }
        // The newline in front ends a line that a kill cut short.
        return [0x0A] + Array(line) + [0x0A]
    }

    /// Replaces the journal by its last record, with room after it. The lock is held on both files meanwhile.
    private func shorten() throws(EnrollmentError) {
        let bytes = try line()
        do throws(SystemFailure) {
            let fresh = try FreshFile(in: output.folder)
            guard flock(fresh.descriptor.number, LOCK_EX | LOCK_NB) == 0 else { throw SystemFailure("flock") }
            try FileAccess(succeeding: try file.status()).apply(to: fresh.descriptor)
            try fresh.descriptor.write(bytes)
            try Self.reserve(off_t(bytes.count) + Self.reservedLength, in: fresh.descriptor)
            try fresh.descriptor.synchronise()
            try fresh.replace(output.journalPath)
            file = fresh.descriptor
            end = off_t(bytes.count)
            try FileDescriptor.synchroniseFolder(output.folder)
        } catch {
            throw output.notWritable(error)
        }
    }

    private func append() throws(EnrollmentError) {
        let bytes = try line()
        do throws(SystemFailure) {
            guard lseek(file.number, end, SEEK_SET) >= 0 else { throw SystemFailure("lseek") }
            try file.write(bytes)
            try file.synchronise()
            end += off_t(bytes.count)
        } catch {
            throw output.notWritable(error)
        }
    }

    private static func lastRecord(
        in file: FileDescriptor, output: OutputFile
    ) throws(EnrollmentError) -> (Record, end: off_t)? {
        let bytes: ArraySlice<UInt8>
        do throws(SystemFailure) {
            let contents = try file.readAll(maximumLength: maximumLength)
            bytes = contents.prefix((contents.lastIndex { $0 != 0 } ?? -1) + 1)
        } catch {
            throw output.notWritable(error)
        }
        guard !bytes.isEmpty else { return nil }
        guard bytes.count <= maximumLength else { throw invalid(output) }
        for line in bytes.split(separator: 0x0A).reversed() {
            guard let record = try? JSONDecoder().decode(Record.self, from: Data(line)) else { continue }
            guard record.format == 1 else { throw invalid(output) }
            return (record, off_t(bytes.count))
        }
        // A kill in the very first record leaves a piece of it, without the newline at its end, and nothing has happened
        // then. Anything else was not written by this version.
        let first = bytes.dropFirst()
        guard bytes.first == 0x0A, first.first == nil || first.first == UInt8(ascii: "{"), !first.contains(0x0A) else {
            throw invalid(output)
        }
        return nil
    }

    /// Opens the journal and takes its lock. Nil if there is none.
    private static func lock(_ output: OutputFile, _ flags: CInt) throws(EnrollmentError) -> FileDescriptor? {
        // Whoever finishes removes the journal before letting go of the lock. A lock on a file that has no name any more
        // is worth nothing, so the look at the name is repeated.
        for _ in 0..<100 {
            let file: FileDescriptor
            let held: stat
            do throws(SystemFailure) {
                file = try FileDescriptor.open(output.journalPath, flags | O_NOFOLLOW | O_NONBLOCK, mode: 0o600)
                held = try file.status()
            } catch {
                // A folder that is none is found when the journal is to be made.
                if error.number == ENOENT || error.number == ENOTDIR, flags & O_CREAT == 0 { return nil }
                throw error.number == ELOOP ? invalid(output) : output.notWritable(error)
            }
            guard held.st_mode & S_IFMT == S_IFREG, held.st_uid == geteuid() || isOwner(held.st_uid, of: output),
                held.st_mode & 0o077 == 0
            else {
                throw invalid(output)
            }
            guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
                throw errno == EWOULDBLOCK ? busy(output) : output.notWritable(SystemFailure("flock"))
            }
            var named = stat()
            if lstat(output.journalPath, &named) == 0, named.st_ino == held.st_ino, named.st_dev == held.st_dev {
                return file
            }
        }
        throw busy(output)
    }

    private static func isOwner(_ user: uid_t, of output: OutputFile) -> Bool {
        var status = stat()
        return Record.mayBeOfOutputOwner && lstat(output.path, &status) == 0 && status.st_uid == user
    }

    private static func busy(_ output: OutputFile) -> EnrollmentError {
        EnrollmentError(
            Record.busyCode, "another \(Record.purpose) is writing '\(output.path)' now", hint: Record.busyHint)
    }

    private static func invalid(_ output: OutputFile) -> EnrollmentError {
        EnrollmentError(
            .journalInvalid, "'\(output.journalPath)' is not the journal of \(Record.purposeWithArticle) by this user",
            hint: "Look at the file, and move it away if it is not needed.")
    }
}
