import KeyStoreCore
import Synchronization

extension LoadedKeyStore: TokenWatching {
    /// Waits on a thread of its own, a tenth of a second at a time, so that it ends soon after nobody listens
    /// any more, or with the process.
    func tokenEvents() -> AsyncThrowingStream<TokenEvent, any Error> {
        let blocking = blocking
        return AsyncThrowingStream { continuation in
            let hasEnded = EndMark()
            continuation.onTermination = { _ in hasEnded.set() }
            do throws(KeyStoreError) {
                let thread = try SessionThread()
                thread.perform {
                    do throws(KeyStoreError) {
                        let watch = try blocking.makeWatch()
                        defer { watch.close() }
                        while !hasEnded.isSet, !ProcessEnd.isUnderWay {
                            for event in try watch.wait(milliseconds: 100) { continuation.yield(event) }
                        }
                        continuation.finish()
                    } catch {
                        continuation.finish(throwing: error)
                    }
                }
                thread.stop()
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }
}

/// Whether nobody listens any more.
private final class EndMark: Sendable {
    private let mark = Atomic(false)
    var isSet: Bool { mark.load(ordering: .acquiring) }
    func set() { mark.store(true, ordering: .releasing) }
}
