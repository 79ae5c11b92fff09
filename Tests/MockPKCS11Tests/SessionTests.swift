import Foundation
import KeyStoreCore
import KeyStorePlugin
import PKCS11KeyStore
import Synchronization
import Testing
import Threads

/// Few sessions, many threads, and modules that bear neither.
struct SessionTests {
    /// Each session is used by one thread.
    private struct Box: @unchecked Sendable {
        let open: OpenMock
    }

    /// Signs on threads of their own, each with a session of its own, and returns what went wrong.
    private func sign(on module: MockModule, threads: Int, times: Int) async throws -> [String] {
        let boxes = try (0..<threads).map { _ in Box(open: try OpenMock(module)) }
        let failures = Mutex<[String]>([])
        await RealThreads.run(threads) { index in
            do {
                let open = boxes[index].open
                let name = index.isMultiple(of: 2) ? "key" : "other"
                let expected = index.isMultiple(of: 2) ? KnownKeys.first : Self.second
                let key = try open.key("object=\(name)")
                for _ in 0..<times where try !key.signsValidly(by: expected) {
                    failures.withLock { $0.append("a signature is wrong") }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        return failures.withLock { $0 }
    }

    private static let second = KnownKeys.publicKey(seed: 2)
    private static let two = "key P-256 label=other id=02 seed=2"

    @Test(arguments: [
        "", "sessions 1", "sessions 2", "session-counts 1 1", "session-counts 2 0", "session-counts max 1",
    ])
    func manyThreadsShareTheSessionsThatThereAre(limit: String) async throws {
        let module = try MockModule("\(Self.two)\n\(limit)")
        #expect(try await sign(on: module, threads: 8, times: 10) == [])
        #expect(module.value("C_Login") == 1)
        #expect(module.violations == [])
    }

    @Test(arguments: ["threads opening", "handles per-session", "handles stable", "reuse-sessions on"])
    func manyThreadsSignRightlyOnModulesOfAllKinds(quirk: String) async throws {
        let module = try MockModule("\(Self.two)\n\(quirk)\non C_OpenSession 1+ delay 1")
        #expect(try await sign(on: module, threads: 8, times: 10) == [])
        #expect(module.violations == [])
    }

    private typealias Changing = KeyImportingBackendSession & RelabellingBackendSession & KeyDeletingBackendSession

    @Test func noThreadLooksForObjectsWhileAnotherChangesThem() async throws {
        let delays = [
            "C_GenerateKeyPair", "C_CreateObject", "C_DestroyObject", "C_SetAttributeValue", "C_FindObjectsInit",
        ]
        let module = try MockModule(delays.reduce("threads objects") { "\($0)\non \($1) 1+ delay 1" })
        let boxes = try (0..<6).map { _ in Box(open: try OpenMock(module)) }
        let failures = Mutex<[String]>([])
        let pem = KnownKeys.pem
        await RealThreads.run(boxes.count) { index in
            do {
                let open = boxes[index].open
                let session = try #require(open.session as? any Changing)
                for turn in 0..<5 {
                    guard index < 3 else {
                        _ = try open.key()
                        continue
                    }
                    let uri = try open.uri("object=new-\(index)-\(turn)")
                    if index == 0 {
                        _ = try pem.withUnsafeBytes { try session.importKey(pem: $0, purpose: .sign, at: uri) }
                    } else {
                        _ = try session.generateKey(.ecP256, at: uri)
                    }
                    let renamed = "renamed-\(index)-\(turn)"
                    _ = try session.relabel(at: uri, label: renamed, id: nil)
                    try session.deleteKey(at: try open.uri("object=\(renamed)"))
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(module.violations == [])
        #expect(module.value("C_GenerateKeyPair") == 10)
    }

    @Test func aModuleThatCannotLockIsCalledByOneThreadAtATime() async throws {
        let module = try MockModule("\(Self.two)\ncant-lock on\non C_Sign 1+ delay 1")
        #expect(try await sign(on: module, threads: 8, times: 5) == [])
        #expect(module.violations == [])
    }

    @Test func sessionsThatHaveRunOutAreBusy() throws {
        #expect(try failure { try OpenMock(script: "sessions 0") }.code == .busy)
    }

    @Test func handlesOfOneSessionAreNotUsedInAnother() throws {
        let module = try MockModule("\(Self.two)\nhandles per-session\nkey P-256 label=third id=03 seed=3")
        let opens = try (0..<4).map { _ in try OpenMock(module) }
        var pairs: [(any BackendKey, PublicKey)] = []
        for open in opens {
            pairs.append((try open.key(), KnownKeys.first))
            pairs.append((try open.key("object=other"), Self.second))
        }
        for _ in 0..<3 {
            for (key, expected) in pairs { #expect(try key.signsValidly(by: expected)) }
        }
    }

    @Test(arguments: ["C_Sign", "C_SignInit", "C_FindObjects", "C_FindObjectsInit", "C_GetAttributeValue"])
    func anOperationThatAFailureLeavesOpenSpoilsNothing(function: String) throws {
        let open = try OpenMock(script: "keep-operations on")
        let key = try open.key()
        for word in ["CKR_FUNCTION_FAILED", "CKR_HOST_MEMORY", "CKR_DATA_LEN_RANGE"] {
            try open.module.run("clear\nafter \(function) 1 return \(word)")
            _ = try? key.sign(message)
            _ = try? open.list()
            try open.module.run("clear")
            #expect(try key.signsValidly(by: KnownKeys.first), "\(function) \(word)")
            #expect(try open.list().map(\.label) == ["key"])
        }
    }

    @Test(arguments: ["", "on C_Sign 1 return CKR_DEVICE_ERROR", "end-sessions", "logout"])
    func noSessionIsLeftInAModuleThatIsNotFinalised(script: String) throws {
        let module = try MockModule("initialised on")
        do {
            let opens = try (0..<3).map { _ in try OpenMock(module) }
            let keys = try opens.map { try $0.key() }
            try module.run(script)
            for key in keys + keys { _ = try? key.sign(message) }
            #expect(module.value("sessions") > 0 && module.value("login") == 1)
        }
        #expect(module.value("sessions") == 0 && module.value("login") == 0)
        #expect(module.value("C_Finalize") == 0)
    }

    @Test func aThousandSignaturesOpenOneSessionAndSearchOnce() throws {
        let open = try OpenMock()
        let key = try open.key()
        _ = try key.publicKey()
        let (opened, searches) = (open.module.value("C_OpenSession"), open.module.value("C_FindObjectsInit"))
        for _ in 0..<1000 { _ = try key.sign(message) }
        #expect(open.module.value("C_OpenSession") == opened)
        #expect(open.module.value("C_FindObjectsInit") == searches)
        #expect(open.module.value("C_Sign") == 1000)
        #expect(opened <= 2)
    }
}
