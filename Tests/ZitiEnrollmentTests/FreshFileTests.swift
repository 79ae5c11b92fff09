import Foundation
import TemporaryFiles
import Testing

@testable import ZitiEnrollment

/// Files that get their name when they are complete, on file systems that can do that and on others.
struct FreshFileTests {
    private let folder = TemporaryFolder()

    private func make(_ mayBeUnnamed: Bool) throws -> FreshFile {
        let file = try FreshFile(in: folder.path, mayBeUnnamed: mayBeUnnamed)
        try file.descriptor.write([1, 2, 3])
        return file
    }

    @Test func aFileThatIsBeingWrittenHasNoNameSoThatAKillLeavesNothing() throws {
        let file = try make(true)
        #expect(try folder.names().isEmpty)
        #expect(try file.descriptor.status().st_size == 3)
    }

    @Test(arguments: [true, false])
    func itIsPlacedWithItsModeAndReplacesNothing(_ mayBeUnnamed: Bool) throws {
        try make(mayBeUnnamed).place(at: folder.path("new"))
        #expect(try folder.names() == ["new"])
        #expect(try folder.read("new") == [1, 2, 3])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path("new"))[.posixPermissions] as? Int
        #expect(mode == 0o600)

        try folder.write("old", [4])
        let error = #expect(throws: SystemFailure.self) { try make(mayBeUnnamed).place(at: folder.path("old")) }
        #expect(error?.number == EEXIST)
        #expect(try folder.read("old") == [4])
        #expect(try folder.names().sorted() == ["new", "old"])
    }

    @Test(arguments: [true, false])
    func itTakesThePlaceOfAnother(_ mayBeUnnamed: Bool) throws {
        try folder.write("old", [4])
        try make(mayBeUnnamed).replace(folder.path("old"))
        #expect(try folder.read("old") == [1, 2, 3])
        try folder.makeFolder("folder")
        #expect(throws: SystemFailure.self) { try make(mayBeUnnamed).replace(folder.path("folder")) }
        #expect(try folder.names().sorted() == ["folder", "old"])
    }

    @Test(arguments: [true, false])
    func nothingIsLeftOfOneThatIsGivenUp(_ mayBeUnnamed: Bool) throws {
        _ = try make(mayBeUnnamed)
        #expect(try folder.names().isEmpty)
    }
}
