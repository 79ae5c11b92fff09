import CPCSC
import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// pcscd's number for a connection to it, and whose process's it is.
///
/// A connection is a socket, which a forked process has a copy of: what a child said there, were it only to end a connection
/// to a card, the daemon would take for its parent's words. So a child says nothing there. It can make connections of its own.
final class ContextHandle: Sendable {
    let context: SCARDCONTEXT
    private let isReleased = Atomic(false)
    private let mark: ProcessMark

    init() throws(KeyStoreError) {
        var context: SCARDCONTEXT = 0
        let result = PCSCResult(SCardEstablishContext(UInt(SCARD_SCOPE_SYSTEM), nil, nil, &context))
        guard result == .success else {
            throw KeyStoreError.pcsc(result, "SCardEstablishContext", during: "connect to pcscd")
        }
        self.context = context
        mark = ProcessMark()
        mark.set()
    }

    deinit {
        release()
        mark.end()
    }

    /// Whether the connection is the parent's of this process.
    var isForked: Bool { !mark.isOfThisProcess }

    /// Ends the connection, and with it whatever waits for something through it: that returns within a tenth of a second. From
    /// any thread.
    func release() {
        guard !isForked, !isReleased.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = SCardReleaseContext(context)
    }
}
