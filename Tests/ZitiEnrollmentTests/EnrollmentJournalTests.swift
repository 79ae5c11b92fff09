import TemporaryFiles
import Foundation
import Testing

@testable import ZitiEnrollment

struct EnrollmentJournalTests {
    private let folder: TemporaryFolder
    private let output: OutputFile

    init() throws {
        folder = TemporaryFolder()
        output = try OutputFile(path: folder.path + "/out.json")
    }

    private func write(_ text: String, mode: Int = 0o600) throws {
        _ = FileManager.default.createFile(
            atPath: output.journalPath, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
    }

    @Test func theLastRecordCounts() throws {
        do {
            let journal = try EnrollmentJournal.create(JournalRecord(token: "t"), output)
            try journal.update { $0.isPosted = true }
            try journal.update { $0.certificate = String(repeating: "c", count: 100_000) }
        }
        let journal = try #require(try EnrollmentJournal.openExisting(output))
        #expect(journal.record.isPosted)
        #expect(journal.record.certificate?.count == 100_000)
        try journal.update { $0.certificate = nil }
        #expect(try EnrollmentJournalTests.reread(output, after: journal)?.certificate == nil)
    }

    /// What somebody else would read, were it not for the lock.
    private static func reread(_ output: OutputFile, after journal: EnrollmentJournal) throws -> JournalRecord? {
        let text = try String(contentsOf: URL(filePath: output.journalPath), encoding: .utf8)
        let lines = text.replacing("\0", with: "").split(separator: "\n")
        return try JSONDecoder().decode(JournalRecord.self, from: Data(try #require(lines.last).utf8))
    }

    @Test func aRecordThatWasCutShortDoesNotCount() throws {
        do {
            let journal = try EnrollmentJournal.create(JournalRecord(token: "t"), output)
            try journal.update { $0.isPosted = true }
        }
        let whole = try Data(contentsOf: URL(filePath: output.journalPath)).filter { $0 != 0 }
        let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2)
        // A kill may leave any part of the second record behind.
        for length in 0..<lines[1].utf8.count {
            try write("\n\(lines[0])\n\n\(lines[1].prefix(length))")
            let journal = try #require(try EnrollmentJournal.openExisting(output))
            #expect(!journal.record.isPosted)
        }
    }

    @Test func aFirstRecordThatWasCutShortIsNoJournal() throws {
        for text in ["", "\n", "\n{", "\n{\"", "\n{\"format\":1,\"is"] {
            try write(text)
            #expect(try EnrollmentJournal.openExisting(output) == nil)
            try FileManager.default.removeItem(atPath: output.journalPath)
        }
    }

    @Test func aRecordAfterOneThatWasCutShortIsReadAgain() throws {
        do { _ = try EnrollmentJournal.create(JournalRecord(token: "t"), output) }
        let first = try Data(contentsOf: URL(filePath: output.journalPath)).filter { $0 != 0 }
        try write(String(decoding: first, as: UTF8.self) + "\n{\"cut")
        do {
            let journal = try #require(try EnrollmentJournal.openExisting(output))
            try journal.update { $0.isPosted = true }
        }
        #expect(try EnrollmentJournal.openExisting(output)?.record.isPosted == true)
    }

    @Test(arguments: ["hello", "\n{}\n", "#!/bin/sh\n", "\n{\"format\":2,\"token\":\"t\",\"step\":3}\n"])
    func aFileThatIsNoJournalIsNotTouched(_ text: String) throws {
        try write(text)
        #expect(throws: EnrollmentError(.journalInvalid, "")) { try EnrollmentJournal.openExisting(output) }
        #expect(try String(contentsOf: URL(filePath: output.journalPath), encoding: .utf8) == text)
    }

    @Test func aJournalThatOthersCanReadIsRefused() throws {
        try write("", mode: 0o644)
        #expect(throws: EnrollmentError(.journalInvalid, "")) { try EnrollmentJournal.openExisting(output) }
    }

    @Test func aLinkInPlaceOfTheJournalIsRefused() throws {
        try FileManager.default.createSymbolicLink(
            atPath: output.journalPath, withDestinationPath: folder.path + "/elsewhere")
        #expect(throws: EnrollmentError(.journalInvalid, "")) {
            try EnrollmentJournal.create(JournalRecord(token: "t"), output)
        }
        #expect(try folder.names() == ["out.json.enrolling"])
    }

    @Test func aFolderInPlaceOfTheJournalIsRefused() throws {
        try FileManager.default.createDirectory(atPath: output.journalPath, withIntermediateDirectories: false)
        #expect(throws: EnrollmentError(.outputNotWritable, "")) { try EnrollmentJournal.openExisting(output) }
    }

    @Test func aJournalThatIsHeldIsBusy() throws {
        let journal = try EnrollmentJournal.create(JournalRecord(token: "t"), output)
        #expect(throws: EnrollmentError(.enrollmentBusy, "")) { try EnrollmentJournal.openExisting(output) }
        #expect(throws: EnrollmentError(.enrollmentBusy, "")) {
            try EnrollmentJournal.create(JournalRecord(token: "t"), output)
        }
        try journal.remove()
        #expect(try folder.names().isEmpty)
    }

    @Test func aJournalThatIsTooLongIsRefused() throws {
        try write(String(repeating: "x", count: EnrollmentJournal.maximumLength + 1))
        #expect(throws: EnrollmentError(.journalInvalid, "")) { try EnrollmentJournal.openExisting(output) }
    }

    @Test func roomForTheCertificateIsKeptBeforeTheTokenIsSpent() throws {
        _ = try EnrollmentJournal.create(JournalRecord(token: "t"), output)
        let size = try FileManager.default.attributesOfItem(atPath: output.journalPath)[.size] as? Int
        #expect(size == 64 << 10)
    }

    @Test func theOutputIsWrittenWithItsModeWhateverTheUmaskIsAndNeverReplaced() throws {
        try output.write([1, 2, 3])
        #expect(output.contents(maximumLength: 10) == [1, 2, 3])
        let mode = try FileManager.default.attributesOfItem(atPath: output.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(throws: EnrollmentError(.outputExists, "")) { try output.write([4]) }
        #expect(output.contents(maximumLength: 10) == [1, 2, 3])
        #expect(try folder.names() == ["out.json"])
    }

    private func size() throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: output.journalPath)[.size] as? Int)
    }

    @Test func recordsThatDoNotCountAnyMoreTakeNoRoom() throws {
        do {
            let journal = try EnrollmentJournal.create(JournalRecord(token: "t"), output)
            for number in 0..<1000 { try journal.update { $0.step = number } }
            #expect(try size() > 64 << 10)
        }
        do {
            let journal = try #require(try EnrollmentJournal.openExisting(output))
            #expect(journal.record.step == 999)
            #expect(try size() < 65 << 10 && size() > 64 << 10, "and the room for a certificate is there again")
            #expect(throws: EnrollmentError(.enrollmentBusy, "")) { try EnrollmentJournal.openExisting(output) }
            try journal.update { $0.isPosted = true }
        }
        let journal = try #require(try EnrollmentJournal.openExisting(output))
        #expect(journal.record.step == 999 && journal.record.isPosted)
        #expect(try folder.names() == ["out.json.enrolling"])
        try journal.remove()
    }

    @Test func roomIsKeptForManyAuthorities() throws {
        let journal = try EnrollmentJournal.create(JournalRecord(token: "t"), output)
        try journal.reserve(200_000)
        #expect(try size() >= 200_000 + (64 << 10))
        try journal.update { $0.isPosted = true }
        try journal.remove()
    }
}
