import CPCSC
import KeyStoreCore
import Synchronization

/// pcscd's number for a connection to it.
final class ContextHandle: Sendable {
    let context: SCARDCONTEXT
    private let isReleased = Atomic(false)

    init() throws(KeyStoreError) {
        var context: SCARDCONTEXT = 0
        let result = PCSCResult(SCardEstablishContext(UInt(SCARD_SCOPE_SYSTEM), nil, nil, &context))
        guard result == .success else {
            throw KeyStoreError.pcsc(result, "SCardEstablishContext", during: "connect to pcscd")
        }
        self.context = context
    }

    deinit { release() }

    /// Ends the connection, and with it whatever waits for something through it: that returns within a tenth of a second. From
    /// any thread.
    func release() {
        guard !isReleased.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = SCardReleaseContext(context)
    }
}
