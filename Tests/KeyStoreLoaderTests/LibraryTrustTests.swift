import TemporaryFiles
import Glibc
import KeyStoreCore
@testable import KeyStoreLoader
import Testing

struct LibraryTrustTests {
    private func refused(
        _ path: String, onlyRoot: Bool = false, naming part: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: KeyStoreError.self, sourceLocation: sourceLocation) {
            try LibraryTrust.check(path, onlyRoot: onlyRoot)
        }
        #expect(error?.code == .untrustedLibrary, "\(error.map { "\($0)" } ?? "")", sourceLocation: sourceLocation)
        if let part { #expect(error?.message.contains(part) == true, sourceLocation: sourceLocation) }
    }

    @Test func aFileThatOnlyItsOwnerCanWriteIsTrustedAndItsRealPathReturned() throws {
        let folder = TemporaryFolder()
        let file = try folder.write("a.so", mode: 0o755)
        #expect(try LibraryTrust.check(file) == file)
        #expect(try LibraryTrust.check("\(folder.path)/./../\(folder.path.split(separator: "/")[1])//a.so") == file)
        try folder.link("link.so", to: "a.so")
        #expect(try LibraryTrust.check("\(folder.path)/link.so") == file)
        try folder.makeFolder("sub")
        try folder.link("sub/up.so", to: "../link.so")
        #expect(try LibraryTrust.check("\(folder.path)/sub/up.so") == file)
        try folder.link("away", to: folder.path)
        #expect(try LibraryTrust.check("\(folder.path)/away/sub/up.so") == file)
    }

    @Test(arguments: [mode_t(0o664), 0o646, 0o777, 0o622])
    func aFileThatOthersCanWriteIsUntrusted(_ mode: mode_t) throws {
        let folder = TemporaryFolder()
        refused(try folder.write("a.so", mode: mode), naming: "a.so can be written")
    }

    @Test(arguments: [mode_t(0o770), 0o707, 0o777])
    func aFileWhoseFolderOrItsFolderOthersCanWriteIsUntrusted(_ mode: mode_t) throws {
        let folder = TemporaryFolder()
        try folder.makeFolder("outer")
        try folder.makeFolder("outer/inner", mode: mode)
        let file = try folder.write("outer/inner/a.so", mode: 0o755)
        refused(file, naming: "inner can be written")
        try folder.setMode("outer/inner", 0o700)
        #expect(try LibraryTrust.check(file) == file)
        try folder.setMode("outer", mode)
        refused(file, naming: "outer can be written")
    }

    @Test func aStickyFolderIsSafeForWhatTheCallerOwns() throws {
        let folder = TemporaryFolder()
        try folder.makeFolder("sticky", mode: 0o1777)
        let file = try folder.write("sticky/a.so", mode: 0o755)
        #expect(try LibraryTrust.check(file) == file)
        // /tmp itself, where all of this stands, is such a folder.
        try folder.setMode("sticky/a.so", 0o757)
        refused(file)
    }

    /// A link on the way may be turned to another library between the check and the loading.
    @Test func aLinkInAFolderThatOthersCanWriteIsUntrusted() throws {
        let folder = TemporaryFolder()
        let file = try folder.write("a.so", mode: 0o755)
        try folder.makeFolder("open", mode: 0o777)
        refused(try folder.link("open/link.so", to: file), naming: "open can be written")
        refused(try folder.link("indirect.so", to: "open/link.so"), naming: "open can be written")
        try folder.link("open/here", to: folder.path)
        refused("\(folder.path)/open/here/a.so", naming: "open can be written")
    }

    @Test func whatBelongsToSomebodyElseIsUntrusted() throws {
        let folder = TemporaryFolder()
        try folder.makeFolder("theirs")
        let file = try folder.write("theirs/a.so", mode: 0o755)
        try folder.makeFolder("sticky", mode: 0o1777)
        let inSticky = try folder.write("sticky/b.so", mode: 0o755)
        let link = try folder.link("sticky/link.so", to: file)
        if geteuid() == 0 {
            #expect(try LibraryTrust.check(file, onlyRoot: true) == file)
            #expect(chown(file, 4711, 4711) == 0)
            refused(file, naming: "belongs to user 4711")
            #expect(chown(file, 0, 0) == 0)
            #expect(try LibraryTrust.check(link) == file)
            #expect(lchown(link, 4711, 4711) == 0)
            refused(link, naming: "sticky")
            #expect(chown("\(folder.path)/theirs", 4711, 4711) == 0)
            refused(file, naming: "theirs belongs to user 4711")
            #expect(chown(inSticky, 4711, 4711) == 0)
            refused(inSticky)
        } else {
            // Nobody but root can give files away: here the caller is the somebody else, to whom only root is safe.
            for path in [file, link, inSticky] { refused(path, onlyRoot: true) }
        }
    }

    @Test func whatIsNotThereIsNoSuchBackend() throws {
        let folder = TemporaryFolder()
        try folder.link("loop", to: "loop")
        try folder.link("dangling.so", to: "nothing")
        try folder.write("file")
        for path in ["nothing.so", "loop", "dangling.so", "file/below", "no/such/folder.so"] {
            #expect(throws: KeyStoreError(.noSuchBackend, "")) { try LibraryTrust.check("\(folder.path)/\(path)") }
        }
    }

    @Test func whatIsNoFileIsIncompatible() throws {
        let folder = TemporaryFolder()
        for path in ["/", folder.path, "/dev/null"] {
            #expect(throws: KeyStoreError(.incompatibleBackend, "")) { try LibraryTrust.check(path) }
        }
    }

    @Test func aModuleIsLoadedOnTheWordOfOneWhoMayGiveIt() throws {
        let folder = TemporaryFolder()
        let module = try folder.write("module.so", mode: 0o755)
        let ordered = LibraryPolicy(allowed: [], referenceIsRequest: false)
        let wished = LibraryPolicy(allowed: [], referenceIsRequest: true)
        for origin in [LibraryOrigin.reference, .option, .system] {
            #expect(throws: Never.self) { try ordered.check(module, origin: origin) }
        }
        for origin in [LibraryOrigin.option, .system] {
            #expect(throws: Never.self) { try wished.check(module, origin: origin) }
        }
        #expect(throws: Never.self) {
            try LibraryPolicy(allowed: [module], referenceIsRequest: true).check(module, origin: .reference)
        }
        let link = try folder.link("link.so", to: "module.so")
        #expect(throws: Never.self) {
            try LibraryPolicy(allowed: [module], referenceIsRequest: true).check(link, origin: .reference)
        }
        #expect(throws: Never.self) {
            try LibraryPolicy(allowed: [link], referenceIsRequest: true).check(module, origin: .reference)
        }
        // A wish is granted for what only root can change. Where the tests run as root, that is everything of theirs.
        if geteuid() == 0 {
            #expect(throws: Never.self) { try wished.check(module, origin: .reference) }
        } else {
            let error = #expect(throws: KeyStoreError.self) { try wished.check(module, origin: .reference) }
            #expect(error?.code == .untrustedLibrary)
            #expect(error?.message.contains("--module") == true)
        }
        for policy in [ordered, wished] {
            #expect(throws: KeyStoreError(.untrustedLibrary, "")) { try policy.check("module.so", origin: .option) }
            #expect(throws: KeyStoreError(.noSuchBackend, "")) {
                try policy.check("\(folder.path)/nothing", origin: .option)
            }
        }
        try folder.setMode("module.so", 0o777)
        #expect(throws: KeyStoreError(.untrustedLibrary, "")) { try ordered.check(module, origin: .option) }
        #expect(throws: KeyStoreError(.untrustedLibrary, "")) {
            try LibraryPolicy(allowed: [module], referenceIsRequest: true).check(module, origin: .reference)
        }
    }
}
