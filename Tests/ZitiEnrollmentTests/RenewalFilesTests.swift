import Foundation
import Glibc
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// The files of a renewal and whose they are.
struct RenewalFilesTests {
    private let folder = TemporaryFolder()
    private let path: String
    /// A user and a group that nobody has.
    private static let stranger: uid_t = 4711

    init() throws { path = try folder.write("id.json", "old", mode: 0o640) }

    private func status(_ path: String) throws -> stat {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status
    }

    @Test func theNewFileHasTheOldOnesAccessFromTheBeginning() throws {
        try #require(geteuid() == 0, "only root can give a file away")
        try #require(chown(path, Self.stranger, Self.stranger) == 0)
        let files = try RenewalFiles(path: path)
        try files.writeNext([1])
        let next = try status(files.nextPath)
        #expect(next.st_uid == Self.stranger && next.st_gid == Self.stranger && next.st_mode & 0o777 == 0o640)
        #expect(try !files.replace())
        #expect(try folder.read("id.json") == [1])
        #expect(try folder.names() == ["id.json"])
    }

    @Test func aFileThatCannotGetTheOldOnesOwnerIsNotWritten() throws {
        try #require(geteuid() == 0, "only root can be another user for a while")
        try #require(chown(path, 0, Self.stranger) == 0 && chmod(folder.path, 0o770) == 0)
        try #require(chown(folder.path, 0, Self.stranger) == 0)
        let files = try RenewalFiles(path: path)
        let error = try #require(throws: EnrollmentError.self) {
            // Of this thread only, and without the capabilities of root as long as it lasts.
            try Self.asStranger { try files.writeNext([1]) }
        }
        #expect(error.code == .outputNotWritable)
        #expect(error.message.contains("fchown"))
        #expect(error.hint.contains("owner"))
        #expect(try folder.names() == ["id.json"])
        #expect(try folder.read("id.json") == Array("old".utf8))
    }

    /// Lets the file system take this thread for another user's.
    private static func asStranger(_ body: () throws -> Void) throws {
        typealias Setter = @convention(c) (uid_t) -> CInt
        let user = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: Setter.self)
        let group = unsafeBitCast(try #require(dlsym(nil, "setfsgid")), to: Setter.self)
        _ = group(stranger)
        _ = user(stranger)
        defer {
            _ = user(0)
            _ = group(0)
        }
        try body()
    }

    @Test(arguments: [
        (mode_t(0o1777), uid_t(0), uid_t(0), uid_t(1000), true), (0o777, 0, 0, 1000, false),
        (0o1777, 0, 1000, 1000, false), (0o1777, 1000, 0, 1000, false), (0o1777, 1, 1, 0, false),
    ])
    func aStickyFolderKeepsTheFilesOfOthers(
        _ mode: mode_t, _ folderOwner: uid_t, _ fileOwner: uid_t, _ user: uid_t, _ isKept: Bool
    ) {
        var (file, folder) = (stat(), stat())
        file.st_uid = fileOwner
        folder.st_uid = folderOwner
        folder.st_mode = mode
        #expect(RenewalFiles.isKept(file, in: folder, from: user) == isKept)
    }

    @Test func rootGoesOnWithTheJournalOfTheFilesOwnerAndOfNobodyElse() throws {
        try #require(geteuid() == 0, "only root can give a file away")
        let output = try RenewalFiles(path: path).identity
        do { _ = try RenewalJournal.create(RenewalRecord(requestedKey: nil), output) }
        try #require(chown(output.journalPath, Self.stranger, Self.stranger) == 0)
        #expect(throws: EnrollmentError(.journalInvalid, "")) { try RenewalJournal.openExisting(output) }
        try #require(chown(path, Self.stranger, Self.stranger) == 0)
        #expect(try RenewalJournal.openExisting(output) != nil)
    }
}
