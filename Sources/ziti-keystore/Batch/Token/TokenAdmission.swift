import KeyStoreCore
import Synchronization

/// Lets rows to a token that they share. The first one goes alone, until its key has signed: whether the token takes the PIN is
/// known then, and a wrong one has been sent once and not by every row that was under way. Where it was refused, no other row
/// gets to the token.
final class TokenAdmission: Sendable {
    private enum State {
        case untried
        case tried
        case open
        case refused(KeyStoreError)
    }

    private let state = Mutex(State.untried)
    private let waiting = WaitingList()

    /// Waits until the token may be used. True for the row that goes first, which has to say what came of it: `confirm`,
    /// `refuse` or `giveUp`. Throws why the token was refused, and `cancelled`.
    func enter() async throws(KeyStoreError) -> Bool {
        while true {
            let isFirst = try state.withLock { (state) throws(KeyStoreError) -> Bool? in
                switch state {
                case .untried:
                    state = .tried
                    return true
                case .tried: return nil
                case .open: return false
                case .refused(let error): throw error
                }
            }
            if let isFirst { return isFirst }
            await waiting.wait { [self] in state.withLock { if case .tried = $0 { false } else { true } } }
            if Task.isCancelled { throw KeyStoreError(.cancelled, "the task was cancelled") }
        }
    }

    /// The token took what it was given.
    func confirm() {
        state.withLock { if case .tried = $0 { $0 = .open } }
        waiting.wakeAll()
    }

    /// The row that went first failed for a reason of its own; another one goes first.
    func giveUp() {
        state.withLock { if case .tried = $0 { $0 = .untried } }
        waiting.wakeAll()
    }

    /// The token refused the PIN, or there is none: nothing more is sent to it.
    func refuse(_ error: KeyStoreError) {
        var error = error
        error.message += "; that was another row, and nothing more was sent to the token"
        state.withLock { state in
            if case .refused = state { return }
            state = .refused(error)
        }
        waiting.wakeAll()
    }
}
