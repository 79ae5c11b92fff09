import KeyStoreCore
import Synchronization

/// Remembers the passphrases of key files, so that a person is asked once, however many sessions open the same file. PINs are
/// passed on and not kept: a token counts wrong ones, and what was removed may not be what comes back.
final class RememberedPassphrases: Sendable {
    private struct State {
        var pins: [String: PIN] = [:]
        var isWiped = false
    }

    private let base: PINSource
    // Held while a person is asked: who comes meanwhile gets the same answer. Sources may block their threads.
    private let state = Mutex(State())

    init(_ base: PINSource) { self.base = base }

    /// The source that remembers.
    var source: PINSource {
        .callback(base.description) { [self] request throws(KeyStoreError) in
            guard request.kind == .passphrase else { return try base.pin(for: request) }
            return try state.withLock { state throws(KeyStoreError) in
                if let known = state.pins[request.uri] { return known }
                let pin = try base.pin(for: request)
                if !state.isWiped { state.pins[request.uri] = pin }
                return pin
            }
        }
    }

    /// Lets go of what was wrong, so that the next one who needs it asks again.
    func forget() { state.withLock { $0.pins = [:] } }

    /// Lets go of everything for good. The memory is overwritten when the last session lets go too.
    func wipe() {
        state.withLock { state in
            state.pins = [:]
            state.isWiped = true
        }
    }
}
