import KeyStoreCore
import Synchronization

/// One row's way to its token.
final class TokenTicket: Sendable {
    private struct State {
        var entry: SharedTokens.Entry?
        var isFirst = false

        var admission: TokenAdmission? { entry?.admission }
    }

    private let tokens: SharedTokens
    private let state = Mutex(State())

    init(_ tokens: SharedTokens) { self.tokens = tokens }

    /// The store that the reference names. Waits while another row tries the PIN. Throws what opening it throws, why the token
    /// refused an earlier row, and `cancelled`.
    func open(_ uri: KeyStoreURI) async throws(KeyStoreError) -> any KeyStore {
        let entry = try await tokens.open(uri)
        guard let admission = entry.admission, state.withLock({ $0.entry == nil }) else { return entry.store }
        let isFirst = try await admission.enter()
        state.withLock { $0 = State(entry: entry, isFirst: isFirst) }
        return entry.store
    }

    /// The row is done: its reference led to the key that has the other one.
    func succeed(_ uri: KeyStoreURI, key: KeyStoreURI) async {
        guard let entry = state.withLock({ $0.entry }) else { return }
        await tokens.remember(entry, at: uri, key: key)
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
