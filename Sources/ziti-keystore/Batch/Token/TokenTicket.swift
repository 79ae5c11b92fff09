import KeyStoreCore
import Synchronization

/// One row's way to its token.
final class TokenTicket: Sendable {
    private struct State {
        var admission: TokenAdmission?
        var isFirst = false
    }

    private let tokens: SharedTokens
    private let state = Mutex(State())

    init(_ tokens: SharedTokens) { self.tokens = tokens }

    /// The store that the reference names. Waits while another row tries the PIN. Throws what opening it throws, why the token
    /// refused an earlier row, and `cancelled`.
    func open(_ uri: KeyStoreURI) async throws(KeyStoreError) -> any KeyStore {
        let (store, admission) = try await tokens.open(uri)
        guard let admission, state.withLock({ $0.admission == nil }) else { return store }
        let isFirst = try await admission.enter()
        state.withLock { $0 = State(admission: admission, isFirst: isFirst) }
        return store
    }

    /// The row's key has signed.
    func keyHasSigned() {
        state.withLock { state in
            if state.isFirst { state.admission?.confirm() }
            state.isFirst = false
        }
    }

    /// The row has ended, with the key store's error if there was one; nil too where the row was stopped.
    func end(_ error: KeyStoreError?) {
        state.withLock { state in
            if let error, Self.concernsPIN(error.code) {
                state.admission?.refuse(error)
            } else if state.isFirst {
                state.admission?.giveUp()
            }
            state.isFirst = false
        }
    }

    /// Whether the failure would be the same for every other row, at the price of another try or another question.
    private static func concernsPIN(_ code: KeyStoreError.Code) -> Bool {
        [.pinIncorrect, .pinLocked, .pinLastTry, .pinRequired, .cancelled].contains(code)
    }
}
