import CP11Kit
import KeyStoreCore
import KeyStorePlugin

/// A session on one token. It owns one session of the module's, so that nothing else comes between an operation's beginning
/// and its end.
final class PKCS11Session: BackendSession {
    let connection: TokenConnection
    let cryptoki: Cryptoki
    let options: SessionOptions
    let provider: PINProvider
    private(set) var handle: CK_SESSION_HANDLE
    /// Counts the module's sessions that this one has had. A handle found in an earlier one is not used any more.
    private(set) var generation = 0
    private var isClosed = false

    static func open(
        _ connection: TokenConnection, _ options: SessionOptions, _ provider: PINProvider
    ) throws(KeyStoreError) -> PKCS11Session {
        let session = PKCS11Session(
            connection, options, provider, try connection.takeSession(isWritable: options.isWritable))
        if options.login == .atOnce {
            do {
                try session.logIn()
            } catch {
                session.close()
                throw error
            }
        }
        return session
    }

    private init(
        _ connection: TokenConnection, _ options: SessionOptions, _ provider: PINProvider, _ handle: CK_SESSION_HANDLE
    ) {
        self.connection = connection
        cryptoki = connection.slot.module.cryptoki
        self.options = options
        self.provider = provider
        self.handle = handle
    }

    var token: TokenInfo {
        get throws(KeyStoreError) { try Slot(connection.slot.module, connection.slot.id).tokenInfo() }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        connection.giveBack(handle, isWritable: options.isWritable)
    }

    /// Runs one operation of the caller's with a session of the module's, `handle`, which is good until it returns. Every entry
    /// into this class goes through here once. One that is `repeatable` leaves nothing behind when it fails midway.
    func perform<Result>(
        _ operation: String, repeatable: Bool = true, _ body: () throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        try body()
    }

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
        let state = connection.slot.module.state(of: handle)
        guard state == CKS_RO_USER_FUNCTIONS || state == CKS_RW_USER_FUNCTIONS else {
            connection.gate.reset()
            throw KeyStoreError(
                .tokenRemoved, "the token has ended the login; open the store again", operation: operation)
        }
    }

    /// Throws unless the session was opened for writing.
    func demandWritable(_ operation: String) throws(KeyStoreError) {
        guard options.isWritable else {
            throw KeyStoreError(.policyRefused, "the session was opened for reading only", operation: operation)
        }
    }

    /// Takes a new session of the module's in place of one that is stuck in an operation: before PKCS #11 3.0 there is no
    /// other way to end one.
    func replaceSession() throws(KeyStoreError) {
        let module = connection.slot.module
        // The new one first: if the old one is the last, closing it would log out.
        let replacement = try module.openSession(on: connection.slot.id, isWritable: options.isWritable)
        module.close(handle)
        handle = replacement
        generation += 1
    }
}
