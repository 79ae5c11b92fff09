import Foundation
import KeyStoreCore
import Synchronization

@testable import PIVKeyStore

/// Another program that reads from the card all the time.
final class Disturber: Sendable {
    private let isOver = Atomic(false)
    private let done = DispatchSemaphore(value: 0)

    init(_ bench: Bench) throws {
        Thread.detachNewThread { [self] in
            if let manager = try? ResourceManager(waitingAtMost: .seconds(5)), let reader = try? manager.readers().first,
                let card = try? Card(in: reader, manager, trace: nil)
            {
                while !isOver.load(ordering: .relaxed) {
                    _ = try? card.transaction { () throws(KeyStoreError) in try Applet(card: card).firmware() }
                }
            }
            done.signal()
        }
    }

    /// Ends it.
    func stop() {
        isOver.store(true, ordering: .relaxed)
        done.wait()
    }
}
