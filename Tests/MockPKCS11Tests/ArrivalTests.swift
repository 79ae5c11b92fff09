import CP11Kit
import Foundation
import KeyStoreCore
import KeyStorePlugin
import Synchronization
import Testing

@testable import PKCS11KeyStore

/// Who waits for a session gets it in turn.
struct ArrivalTests {
    /// Each session is used by one thread.
    private struct Box: @unchecked Sendable {
        let open: OpenMock
        var session: PKCS11Session { open.session as! PKCS11Session }
    }

    @Test(arguments: [1, 2])
    func sixtyFourOperationsOnFewSessionsAreServedInTheOrderOfTheirArrival(limit: Int) throws {
        let module = try MockModule("sessions \(limit)")
        let boxes = try (0..<64 + limit).map { _ in Box(open: try OpenMock(module, "", SessionOptions())) }
        let pool = boxes[0].session.connection.pool
        let keys = try boxes.map { try $0.open.key() }
        // As many as there are sessions hold them until everybody else has arrived.
        let gate = DispatchSemaphore(value: 0)
        let held = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        let served = Mutex<[Int]>([])
        let failures = Mutex<[String]>([])
        func start(_ index: Int, _ body: @escaping @Sendable () throws -> Void) {
            let thread = Thread {
                do { try body() } catch { failures.withLock { $0.append("\(index): \(error)") } }
                done.leave()
            }
            done.enter()
            thread.start()
        }
        for index in 0..<limit {
            let box = boxes[index]
            start(index) {
                try box.session.perform("test") { () throws(KeyStoreError) in
                    held.signal()
                    gate.wait()
                }
            }
            held.wait()
        }
        for index in limit..<boxes.count {
            let (box, key) = (boxes[index], UncheckedKey(key: keys[index]))
            start(index) {
                try box.session.perform("test") { () throws(KeyStoreError) in
                    served.withLock { $0.append(index) }
                    guard (try? key.key.signsValidly(by: KnownKeys.first)) == true else {
                        throw KeyStoreError(.invalidReply, "the signature is wrong")
                    }
                }
            }
            while pool.waitingCount < index - limit + 1, failures.withLock(\.isEmpty) { sched_yield() }
        }
        #expect(served.withLock { $0 } == [])
        for _ in 0..<limit { gate.signal() }
        done.wait()
        #expect(failures.withLock { $0 } == [])
        // Those who are served at once may note it in any order.
        if limit == 1 { #expect(served.withLock { $0 } == Array(limit..<boxes.count)) }
        #expect(Set(served.withLock { $0 }) == Set(limit..<boxes.count))
        #expect(module.value("C_Login") == 1)
        #expect(module.value("sessions") <= limit)
        #expect(module.violations == [])
    }

    private struct UncheckedKey: @unchecked Sendable {
        let key: any BackendKey
    }
}
