import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// A session's connection to its token, through resets by other programs and through unplugging.
final class TokenConnection {
    private(set) var card: Card
    private(set) var identity: Identity
    /// How many PIN tries were left when the card said so last; nil where it said that somebody had logged in.
    private(set) var triesLeft: Int?
    /// Whether this session has logged in, and nobody has been seen to log it out.
    private(set) var isLoggedIn = false
    /// What is remembered of the PIN that the token accepted last.
    private(set) var acceptedPIN: PINFingerprint?
    /// Counts connections and resets: what was found in an earlier one is looked at again.
    private(set) var generation = 0
    private(set) var isLost = false
    /// Whether a login of this session's may still be the card's although the session does not rely on it: the connection to
    /// the card broke off, and not the card's power.
    private var mayLeaveLogin = false
    private let search: TokenSearch

    init(_ token: FoundToken, _ search: TokenSearch) {
        card = token.card
        identity = token.identity
        self.search = search
        note(token.pinStatus)
        // Logged in by another session of this process, which has asked for the PIN.
        if token.pinStatus == .verified, LiveLogins.shared.contains(identity) { setLoggedIn(true) }
    }

    var applet: Applet { Applet(card: card) }

    /// Ends the connection, and the login unless another program uses the card.
    func close() {
        // In a forked process nothing of all this is its own.
        if card.manager.isForked { return }
        let leavesLogin = isLoggedIn || mayLeaveLogin
        setLoggedIn(false)
        if leavesLogin { card.disconnectResettingUnlessShared() } else { card.disconnect() }
    }

    // MARK: Loss

    /// Takes note of what a failure says.
    func lose(_ loss: CardLoss) {
        mayLeaveLogin = loss == .gone && (isLoggedIn || mayLeaveLogin)
        setLoggedIn(false)
        if loss == .gone { isLost = true }
    }

    /// Makes the card usable again after a loss. Throws `tokenRemoved` where it is not there, `identityChanged` where another
    /// one is in its place.
    func recover(from loss: CardLoss) throws(KeyStoreError) {
        setLoggedIn(false)
        generation += 1
        if loss == .reset {
            mayLeaveLogin = false
            do throws(KeyStoreError) {
                try card.acknowledgeReset()
                try card.transaction { () throws(KeyStoreError) in
                    try applet.select()
                    note(try applet.pinStatus())
                }
                return
            } catch {
                guard CardLoss(error) != nil else { throw error }
            }
        }
        isLost = true
        card.disconnect()
        let token = try search.again(identity)
        card = token.card
        identity = token.identity
        note(token.pinStatus)
        if token.pinStatus != .verified { mayLeaveLogin = false }
        isLost = false
    }

    // MARK: Login

    /// Sends a PIN, within a transaction. Costs a try if it is wrong.
    func logIn(_ pin: CheckedPIN) throws(KeyStoreError) {
        let status = try applet.verify(pin.padded)
        guard status == .success else {
            setLoggedIn(false)
            guard let left = status.triesLeft else {
                throw KeyStoreError.card(status, .verify, during: "log in")
            }
            triesLeft = left
            search.rejected.insert(pin.fingerprint, of: Applet.Reference.pin, on: identity)
            throw KeyStoreError.card(
                status, .verify, status == .blocked ? .pinLocked : .pinIncorrect,
                status == .blocked
                    ? "the token accepts no PIN any more; unblock it with the PUK"
                    : left == 0 ? "the PIN is wrong, and the token is locked now" : "the PIN is wrong", during: "log in"
            )
        }
        triesLeft = nil
        acceptedPIN = pin.fingerprint
        search.rejected.removeAll(of: Applet.Reference.pin, on: identity)
        setLoggedIn(true)
    }

    /// Asks the card, within a transaction, whether the login is still there.
    func checkLogin() throws(KeyStoreError) -> Bool {
        let status = try applet.pinStatus()
        note(status)
        if status != .verified { setLoggedIn(false) }
        return status == .verified
    }

    /// Forgets the login, as what was done has ended it.
    func forgetLogin() { setLoggedIn(false) }

    private func note(_ status: PINStatus) {
        switch status {
        case .verified: triesLeft = nil
        case .needed(let tries): triesLeft = tries
        }
    }

    private func setLoggedIn(_ value: Bool) {
        guard value != isLoggedIn else { return }
        isLoggedIn = value
        if value { LiveLogins.shared.add(identity) } else { LiveLogins.shared.remove(identity) }
    }
}
