import Foundation
import KeyStoreCore
import KeyStorePlugin
import Synchronization
import Testing
import Threads

@testable import PKCS11KeyStore

/// How calls are made: one at a time where a module needs that, and told of before they come back.
struct CallTests {
    /// A session that one thread has for itself.
    private struct Lent: @unchecked Sendable {
        let session: any BackendSession
    }

    @Test func aModuleThatCannotLockNeverHasTwoCalls() async throws {
        let module = try MockModule("cant-lock on")
        let store = try PKCS11Backend(opening: OpenRequest(uri: try KeyStoreURI(module.uri())), host: MockHost())
        defer { store.close() }
        let failures = Mutex(0)
        let sessions = try (0..<8).map { _ in Lent(session: try store.openSession(SessionOptions(), host: MockHost())) }
        await RealThreads.run(sessions.count) { index in
            let session = sessions[index].session
            defer { session.close() }
            do {
                let key = try session.key(at: try KeyStoreURI("pkcs11:object=key"))
                for _ in 0..<50 {
                    if try !key.signsValidly() { failures.withLock { $0 += 1 } }
                }
            } catch {
                failures.withLock { $0 += 1 }
            }
        }
        #expect(failures.withLock { $0 } == 0)
        #expect(module.violations == [])
    }

    @Test func aCallThatDoesNotComeBackIsInTheTrace() throws {
        let lines = Mutex<[String]>([])
        let module = try MockModule()
        let list = try module.functionList()
        let cryptoki = try Cryptoki(list, of: "/hangs.so")
        #expect(cryptoki.initialize(nil) == 0)
        let trace = CallTrace { line in lines.withLock { $0.append(line) } }
        cryptoki.attach(trace)
        try module.run("on C_CloseSession 1 hang")
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            _ = cryptoki.closeSession(77)
            ended.signal()
        }
        #expect(module.wait("hanging"))
        #expect(lines.withLock { $0.last?.hasSuffix("hangs.so C_CloseSession(session: 77)") } == true)
        try module.run("release")
        #expect(ended.wait(timeout: .now() + 60) == .success)
        #expect(lines.withLock { $0.last?.contains("C_CloseSession = CKR_") } == true)
        cryptoki.detach(trace)
        _ = cryptoki.finalize()
    }
}
