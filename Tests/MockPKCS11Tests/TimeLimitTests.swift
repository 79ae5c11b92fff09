import ChildProcess
import Foundation
import KeyStoreCore
import KeyStoreLoader
import Testing

/// Modules that answer late or never, behind the loaded backend, which is given up where the mock is not.
struct TimeLimitTests {
    private func open(_ module: MockModule, milliseconds: UInt32 = 5000) async throws -> any KeyStore {
        let loader = BackendLoader(pluginDirectories: [BuildFolder.path])
        return try await loader.open(
            OpenRequest(uri: try KeyStoreURI(module.uri()), timeoutMilliseconds: milliseconds))
    }

    private static let pin = PINSource.callback("123456") { _ throws(KeyStoreError) in try PIN("123456") }

    private static let functions = [
        "C_Initialize", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo", "C_OpenSession", "C_Login",
        "C_GetMechanismList", "C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal", "C_GetAttributeValue",
        "C_SignInit", "C_Sign",
    ]

    @Test func aModuleThatNeverAnswersIsGivenUpWhereverItHangs() async throws {
        // All at once, because each takes as long as its limit.
        try await withThrowingTaskGroup { group in
            for function in Self.functions {
                group.addTask { try await self.giveUp(function) }
            }
            try await group.waitForAll()
        }
    }

    private func giveUp(_ function: String) async throws {
        let module = try MockModule("on \(function) 1 hang")
        let key = try KeyStoreURI(module.uri("object=key"))
        await #expect(throws: KeyStoreError(.timedOut, ""), "\(function)") {
            let store = try await open(module)
            let found = try await store.openSession(pin: Self.pin).key(at: key)
            _ = try await found.sign(message, using: .ecdsaP256SHA256)
        }
        #expect(module.value("hanging") == 1, "\(function)")
        #expect(module.value("C_Login") <= 1, "\(function)")
        try module.run("release")
    }

    @Test func aStoreWhoseModuleNeverEndsIsClosedAllTheSame() async throws {
        let module = try MockModule("on C_Finalize 1 hang")
        let store = try await open(module)
        let session = try await store.openSession(pin: Self.pin)
        let key = try await session.key(at: try KeyStoreURI(module.uri("object=key")))
        #expect(try await !key.sign(message, using: .ecdsaP256SHA256).isEmpty)
        await session.close()
        await store.close()
        #expect(module.value("hanging") == 1)
        try module.run("release")
    }

    @Test func aSignatureThatNeverComesIsGivenUpAndTheNextOneIsMade() async throws {
        let module = try MockModule()
        let store = try await open(module)
        let session = try await store.openSession(pin: Self.pin)
        let key = try await session.key(at: try KeyStoreURI(module.uri("object=key")))
        try module.run("on C_Sign 1 hang")
        await #expect(throws: KeyStoreError(.timedOut, "")) {
            _ = try await key.sign(message, using: .ecdsaP256SHA256)
        }
        // Other sessions on the token go on meanwhile.
        let other = try await store.openSession(pin: Self.pin)
        let otherKey = try await other.key(at: try KeyStoreURI(module.uri("object=key")))
        #expect(try await !otherKey.sign(message, using: .ecdsaP256SHA256).isEmpty)
        try module.run("release CKR_DEVICE_ERROR")
        let signature = try await signatureWhenFree(key)
        #expect(!signature.isEmpty)
        #expect(module.violations == [])
        #expect(module.value("wrong-pins") == 0)
    }

    /// Signs when the call that was given up has come back.
    private func signatureWhenFree(_ key: any Key) async throws -> [UInt8] {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            do {
                return try await key.sign(message, using: .ecdsaP256SHA256)
            } catch {
                guard error.code == .busy else { throw error }
            }
            await Task.yield()
        }
        throw KeyStoreError(.timedOut, "the session stays busy")
    }

    @Test func aTokenThatIsSlowIsWaitedFor() async throws {
        let module = try MockModule("on C_Sign 1+ delay 50\non C_Login 1+ delay 50\non C_FindObjects 1+ delay 20")
        let store = try await open(module, milliseconds: 30_000)
        let session = try await store.openSession(pin: Self.pin)
        let key = try await session.key(at: try KeyStoreURI(module.uri("object=key")))
        #expect(try await !key.sign(message, using: .ecdsaP256SHA256).isEmpty)
    }

    @Test func aTaskThatIsCancelledDoesNotWaitForTheToken() async throws {
        let module = try MockModule()
        let store = try await open(module, milliseconds: 60_000)
        let session = try await store.openSession(pin: Self.pin)
        let key = try await session.key(at: try KeyStoreURI(module.uri("object=key")))
        try module.run("on C_Sign 1 hang")
        let signing = Task { try await key.sign(message, using: .ecdsaP256SHA256) }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = module.wait("hanging")
                continuation.resume()
            }
        }
        signing.cancel()
        await #expect(throws: KeyStoreError(.cancelled, "")) { try await signing.value }
        try module.run("release")
    }
}
