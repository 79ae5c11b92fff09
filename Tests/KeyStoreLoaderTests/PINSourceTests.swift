import TemporaryFiles
import Glibc
import KeyStoreCore
import KeyStoreLoader
import Synchronization
import Testing

/// Secrets from files, descriptors and the environment.
struct PINSourceTests {
    private let request = PINRequest(kind: .pin, subject: "token", uri: "x:a")

    private func text(_ source: PINSource, _ request: PINRequest? = nil) throws -> String {
        try source.pin(for: request ?? self.request).withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func refused(
        _ code: KeyStoreError.Code, _ source: PINSource, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: KeyStoreError.self, sourceLocation: sourceLocation) { try source.pin(for: request) }
        #expect(error?.code == code, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        ("1234", "1234"), ("1234\n", "1234"), ("1234\n\n", "1234\n"), (" 12 ", " 12 "), ("12\r\n", "12\r"),
        ("\n\n", "\n"),
    ])
    func aFileGivesItsBytesWithoutOneNewlineAtTheEnd(_ contents: String, _ secret: String) throws {
        let file = TemporaryFolder()
        #expect(try text(.file(try file.write("pin", Array(contents.utf8)))) == secret)
    }

    @Test(arguments: [mode_t(0o640), 0o604, 0o620, 0o602, 0o610, 0o601, 0o666])
    func aFileThatOthersCanUseIsRefusedAndTheRemedyNamed(_ mode: mode_t) throws {
        let folder = TemporaryFolder()
        let path = try folder.write("pin", Array("1234".utf8), mode: mode)
        let error = #expect(throws: KeyStoreError.self) { try PINSource.file(path).pin(for: request) }
        #expect(error?.code == .policyRefused)
        #expect(error?.message.contains("chmod 600 \(path)") == true)
        #expect(error?.message.contains("1234") == false)
    }

    @Test func whatIsNoRegularFileIsRefusedWithoutWaiting() throws {
        let folder = TemporaryFolder()
        // Opening a pipe for reading waits for a writer.
        #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
        refused(.policyRefused, .file("\(folder.path)/pipe"))
        refused(.policyRefused, .file(folder.path))
        refused(.policyRefused, .file("/dev/null"))
        refused(.policyRefused, .file("|cat \(folder.path)"))
        refused(.pinRequired, .file("\(folder.path)/nothing"))
    }

    @Test func anEmptyFileIsPinRequiredAndALongOneInvalidData() throws {
        let folder = TemporaryFolder()
        refused(.pinRequired, .file(try folder.write("empty")))
        refused(.pinRequired, .file(try folder.write("newline", [10])))
        let longest = [UInt8](repeating: 0x78, count: 1024)
        #expect(try text(.file(try folder.write("longest", longest + [10]))).utf8.count == 1024)
        refused(.invalidData, .file(try folder.write("long", longest + [0x78])))
        refused(.invalidData, .file(try folder.write("longer", longest + longest)))
    }

    @Test func aDescriptorIsReadToItsEndAndOnce() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        #expect(write(ends[1], "12", 2) == 2)
        #expect(write(ends[1], "34\n", 3) == 3)
        close(ends[1])
        defer { close(ends[0]) }
        let source = PINSource.descriptor(ends[0])
        #expect(try text(source) == "1234")
        refused(.pinRequired, source)
        refused(.pinRequired, .descriptor(-1))
        #expect(source.description.contains("\(ends[0])"))
    }

    @Test func anEnvironmentVariableIsTakenUnlessItIsEmptyOrTooLong() throws {
        let name = "KEYSTORE_TEST_PIN_\(getpid())"
        refused(.pinRequired, .environment(name))
        setenv(name, "", 1)
        refused(.pinRequired, .environment(name))
        setenv(name, "1234", 1)
        #expect(try text(.environment(name)) == "1234")
        setenv(name, String(repeating: "x", count: 1025), 1)
        refused(.invalidData, .environment(name))
        unsetenv(name)
        #expect(PINSource.environment(name).description.contains(name))
    }

    @Test func aRememberedSecretIsAskedForOncePerSubjectAndKind() throws {
        let asked = Mutex<[String]>([])
        let source = PINSource.callback { request throws(KeyStoreError) in
            asked.withLock { $0.append("\(request.kind) \(request.uri)") }
            return try PIN("\(request.uri)")
        }.remembering()
        for _ in 0..<3 {
            #expect(try text(source, PINRequest(kind: .pin, subject: "t", uri: "x:a")) == "x:a")
            // Another token with the same label gets a secret of its own.
            #expect(try text(source, PINRequest(kind: .pin, subject: "t", uri: "x:b")) == "x:b")
            #expect(try text(source, PINRequest(kind: .contextPIN, subject: "t", uri: "x:a")) == "x:a")
        }
        #expect(asked.withLock { $0.count } == 3)
        // After a wrong PIN it is asked for again, and never sent again.
        _ = try text(source, PINRequest(kind: .pin, subject: "t", uri: "x:a", countIsLow: true))
        #expect(asked.withLock { $0.count } == 4)
    }

    @Test func aFailureIsNotRemembered() throws {
        let asked = Mutex(0)
        let source = PINSource.callback { _ throws(KeyStoreError) in
            let count = asked.withLock { asked in
                asked += 1
                return asked
            }
            if count == 1 { throw KeyStoreError(.cancelled, "not now") }
            return try PIN("1234")
        }.remembering()
        refused(.cancelled, source)
        #expect(try text(source) == "1234")
    }
}
