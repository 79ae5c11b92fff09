import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import Synchronization

/// A session on one token. It borrows one of the module's sessions for each operation, the same one where that can be, so
/// that nothing comes between an operation's beginning and its end, and many sessions can share few.
final class PKCS11Session: BackendSession {
    let connection: TokenConnection
    let cryptoki: Cryptoki
    let options: SessionOptions
    let provider: PINProvider
    /// How the module deviates from the standard, as far as this store is to mind it.
    let quirks: Quirks
    private let owner: Int
    /// The module's session that the operation under way has borrowed.
    private var borrowed: ModuleSession?
    /// The one that was borrowed last.
    private var preferred: ModuleSession?
    private var isClosed = false
    /// Whether the operation under way may have changed the token.
    private var hasChangedToken = false

    private static let lastOwner = Atomic(0)

    static func open(
        _ connection: TokenConnection, _ options: SessionOptions, _ provider: PINProvider, _ quirks: Quirks
    ) throws(KeyStoreError) -> PKCS11Session {
        let session = PKCS11Session(connection, options, provider, quirks)
        do {
            // Also without a login: that a session can be had is known then, and one stays open.
            try session.perform("open session") { () throws(KeyStoreError) in
                if options.login == .atOnce { try session.logIn() }
            }
        } catch {
            session.close()
            throw error
        }
        return session
    }

    private init(
        _ connection: TokenConnection, _ options: SessionOptions, _ provider: PINProvider, _ quirks: Quirks
    ) {
        self.quirks = quirks
        self.connection = connection
        cryptoki = connection.module.cryptoki
        self.options = options
        self.provider = provider
        owner = Self.lastOwner.add(1, ordering: .relaxed).newValue
        connection.noteOpenedSession()
    }

    var token: TokenInfo {
        get throws(KeyStoreError) {
            try ForkGuard.demandSameProcess()
            let slot = connection.slot
            return try Slot(slot.module, slot.id).tokenInfo()
        }
    }

    func close() {
        // In a forked process another thread may hold the pool's lock for ever.
        guard !isClosed, !ForkGuard.isForked else { return }
        isClosed = true
        connection.pool.disown(owner)
        connection.noteClosedSession()
    }

    /// The module's session of the operation under way.
    var handle: CK_SESSION_HANDLE { moduleSession.handle }

    /// The module's session of the operation under way, with the number by which object handles are remembered.
    var moduleSession: ModuleSession {
        guard let borrowed else { preconditionFailure("a module's session is used outside of perform(_:)") }
        return borrowed
    }

    // MARK: Operations

    /// Runs one operation of the caller's with a session of the module's, `handle`, which is good until it returns. Every
    /// entry into this class goes through here, and one within another shares its session.
    ///
    /// Where the token, the session or the login was lost, the token is found again, and an operation that is `repeatable`
    /// is tried once more. Any other one fails, and the next one finds
    /// the token again. A login that failed is never tried again, and neither is what may have changed the token.
    func perform<Result>(
        _ operation: String, repeatable: @autoclosure () -> Bool = true,
        _ body: () throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        if borrowed != nil { return try body() }
        try ForkGuard.demandSameProcess()
        hasChangedToken = false
        do throws(KeyStoreError) {
            try reconnect()
            do throws(KeyStoreError) {
                return try attempt(body)
            } catch {
                guard SessionLoss(error) != nil, error.native?.function != Self.loginFunction, !hasChangedToken,
                    repeatable()
                else {
                    throw error
                }
            }
            try reconnect()
            return try attempt(body)
        } catch {
            throw error.during(operation)
        }
    }

    /// To be called before anything on the token is made, changed or destroyed. Throws where the token has ended the login
    /// without a word: that is found out while the operation can still be tried again.
    func willChangeToken() throws(KeyStoreError) {
        if !hasChangedToken, connection.gate.isLoggedIn { try demandSightOfPrivateObjects("change token") }
        hasChangedToken = true
    }

    private func reconnect() throws(KeyStoreError) {
        if connection.isLost { try connection.reconnect(after: connection.pool.epoch) }
    }

    private static let loginFunction = "C_Login"

    /// One try. Afterwards the connection is known to be lost, if it is.
    private func attempt<Result>(_ body: () throws(KeyStoreError) -> Result) throws(KeyStoreError) -> Result {
        let session: ModuleSession
        do throws(KeyStoreError) {
            session = try connection.pool.borrow(
                on: connection.slot, isWritable: options.isWritable, owner: owner, preferred: preferred)
        } catch {
            if SessionLoss(error) != nil { connection.lose() }
            throw error
        }
        borrowed = session
        defer {
            if let last = borrowed {
                preferred = last
                borrowed = nil
                connection.pool.giveBack(last, on: connection.slot)
            }
        }
        do throws(KeyStoreError) {
            return try body()
        } catch {
            throw settled(error)
        }
    }

    /// Finds out what an error means for the connection, and makes it say so.
    private func settled(_ error: KeyStoreError) -> KeyStoreError {
        guard let loss = SessionLoss(error), let session = borrowed else { return error }
        switch loss {
        case .login: connection.gate.reset()
        case .certain: return lost(error)
        case .handle, .suspected:
            guard connection.isAlive(session) else { return lost(error) }
            // A token that was away for a moment is back without the login.
            if connection.module.isLoggedOut(session.handle) { connection.gate.reset() }
        }
        // Whatever was found through this session is looked for anew.
        try? replaceSession()
        return error
    }

    private func lost(_ error: KeyStoreError) -> KeyStoreError {
        connection.lose()
        var error = error
        // What the device said while it went away is no answer to what it was asked.
        if error.code == .backendFailure || error.code == .noSuchKey {
            error.code = .tokenRemoved
            error.message = "the token went away while it was being used"
        }
        return error
    }

    /// Takes a new session of the module's in place of one that is stuck in an operation.
    func replaceSession() throws(KeyStoreError) {
        let old = moduleSession
        do throws(KeyStoreError) {
            let (replacement, wasAlone) = try connection.pool.replace(old, on: connection.slot)
            borrowed = replacement
            if wasAlone { connection.gate.reset() }
        } catch {
            if SessionLoss(error) != nil { connection.lose() }
            throw error
        }
    }

    // MARK: What operations demand

    /// Logs in, unless the session was opened without or the token wants none.
    func logIn() throws(KeyStoreError) {
        guard options.login != .never else { return }
        try connection.logIn(handle, provider)
    }

    /// Throws unless private objects can be seen, so that "not found" means just that. Asks the token, which may have ended
    /// the login without a word.
    func demandSightOfPrivateObjects(_ operation: String) throws(KeyStoreError) {
        guard connection.slot.token?.needsLogin != false else { return }
        guard connection.gate.isLoggedIn else {
            throw KeyStoreError(
                .pinRequired, "private keys are not visible without a login", operation: operation)
        }
        let hasEnded = connection.module.hasEnded(handle)
        guard !hasEnded, !connection.module.isLoggedOut(handle) else {
            throw KeyStoreError.pkcs11(
                CK_RV(hasEnded ? CKR_SESSION_HANDLE_INVALID : CKR_USER_NOT_LOGGED_IN), "C_GetSessionInfo",
                during: operation)
        }
    }

    /// Throws unless the session was opened for writing.
    func demandWritable(_ operation: String) throws(KeyStoreError) {
        guard options.isWritable else {
            throw KeyStoreError(.policyRefused, "the session was opened for reading only", operation: operation)
        }
    }
}
