import KeyStoreCore
import KeyStorePlugin

/// A session on one card. Each operation is one transaction with pcscd, so that no other program comes between its commands,
/// and the card is free between operations.
final class PIVSession: BackendSession {
    let connection: TokenConnection
    let options: SessionOptions
    let provider: PINProvider
    /// The reference that the store was opened with, for what it says of keys.
    let storeURI: PIVURI
    private var isClosed = false

    static func open(
        _ connection: TokenConnection, _ options: SessionOptions, _ provider: PINProvider, _ uri: PIVURI
    ) throws(KeyStoreError) -> PIVSession {
        let session = PIVSession(connection, options, provider, uri)
        do throws(KeyStoreError) {
            if options.login == .atOnce { try session.logIn() }
        } catch {
            session.close()
            throw error
        }
        return session
    }

    private init(
        _ connection: TokenConnection, _ options: SessionOptions, _ provider: PINProvider, _ uri: PIVURI
    ) {
        self.connection = connection
        self.options = options
        self.provider = provider
        storeURI = uri
    }

    deinit { close() }

    var token: TokenInfo {
        get throws(KeyStoreError) {
            try connection.identity.tokenInfo(connection.triesLeft.map { .needed(triesLeft: $0) } ?? .verified)
        }
    }

    var identity: Identity { connection.identity }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        connection.close()
    }

    // MARK: Operations

    /// Runs one operation of the caller's in a transaction, with the login that it needs. The PIN is asked for before the
    /// transaction begins, because a person may be typing.
    ///
    /// Where another program has reset the card or logged everybody out, or the card was out for a moment, the token is found
    /// again, and an operation that is `repeatable` is tried once more. Any other one fails, and the next one finds the token
    /// again. A login that failed is never tried again.
    ///
    /// `check` is run before the login, as nothing may come between a PIN and the command that it is for.
    func perform<Result>(
        _ operation: String, login: LoginNeed = .never, repeatable: Bool = true,
        before check: (Applet) throws(KeyStoreError) -> Void = { _ throws(KeyStoreError) in },
        _ body: (Applet) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        do throws(KeyStoreError) {
            try connection.card.manager.demandSameProcess()
            if connection.isLost { try connection.recover(from: .gone) }
            var attempt = Attempt(login)
            do throws(KeyStoreError) {
                return try run(&attempt, check, body)
            } catch {
                try prepareRepetition(after: error, attempt, repeatable)
            }
            return try run(&attempt, check, body)
        } catch {
            throw error.during(operation, of: (try? identity.uri().text) ?? "")
        }
    }

    /// How far an operation came.
    private struct Attempt {
        let need: LoginNeed
        /// A PIN that was asked for, and may have been sent.
        var pin: CheckedPIN?
        var hasSentPIN = false
        /// Whether anything was done with the card, but for logging in.
        var hasBegun = false

        init(_ need: LoginNeed) { self.need = need }
    }

    private func run<Result>(
        _ attempt: inout Attempt, _ check: (Applet) throws(KeyStoreError) -> Void,
        _ body: (Applet) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        let mustLogIn =
            switch attempt.need {
            case .never: false
            case .once: !connection.isLoggedIn
            case .always: true
            }
        if mustLogIn, attempt.pin == nil || attempt.hasSentPIN {
            attempt.pin = try askPIN(attempt.need == .always ? .contextPIN : .pin)
            attempt.hasSentPIN = false
        }
        let pin = mustLogIn ? attempt.pin : nil
        return try connection.card.transaction { () throws(KeyStoreError) in
            try check(connection.applet)
            if let pin {
                attempt.hasSentPIN = true
                try connection.logIn(pin)
            }
            attempt.hasBegun = true
            return try body(connection.applet)
        }
    }

    /// Throws what an operation ends with, unless it is to be tried once more, for which the card is made ready.
    private func prepareRepetition(
        after error: KeyStoreError, _ attempt: Attempt, _ repeatable: Bool
    ) throws(KeyStoreError) {
        // What a login or an operation with a PIN of its own came to is final.
        let isFinal =
            attempt.hasBegun && !repeatable || attempt.hasSentPIN && (attempt.need == .always || error.isAboutLogin)
        if let loss = CardLoss(error) {
            connection.lose(loss)
            // Waiting was given up: that is the answer, and the connection is used up.
            guard !isFinal, error.code != .busy || loss == .reset else {
                // A reset is acknowledged all the same, so that the next operation can be.
                if loss == .reset { try? connection.recover(from: loss) }
                throw error
            }
            try connection.recover(from: loss)
            return
        }
        // Another program may have logged everybody out. A touch that did not come looks the same.
        guard error.statusWord == .notAuthenticated, attempt.need == .once, !attempt.hasSentPIN, repeatable,
            try !connection.card.transaction({ () throws(KeyStoreError) in try connection.checkLogin() })
        else { throw error }
    }

    private func askPIN(_ kind: PINRequest.Kind) throws(KeyStoreError) -> CheckedPIN {
        let pin = try provider.pin(for: identity, kind: kind, triesLeft: connection.triesLeft)
        // Known to be right, or else to be looked at closely: a PIN for each operation is sent without asking for the count.
        if kind == .contextPIN, let accepted = connection.acceptedPIN, accepted != pin.fingerprint {
            let status = try connection.card.transaction { () throws(KeyStoreError) in try connection.applet.pinStatus()
            }
            if case .needed(let tries) = status { try provider.demandTry(tries, "PIN") }
        }
        return pin
    }

    /// Logs in, unless that was done or the session was opened without.
    func logIn() throws(KeyStoreError) {
        guard options.login != .never, !connection.isLoggedIn else { return }
        try perform("log in", login: .once) { _ throws(KeyStoreError) in }
    }

    /// Throws unless the session was opened for writing.
    func demandWritable(_ operation: String) throws(KeyStoreError) {
        guard options.isWritable else {
            throw KeyStoreError(.policyRefused, "the session was opened for reading only", operation: operation)
        }
    }
}

extension KeyStoreError {
    /// Whether it is what came of giving the card a PIN.
    var isAboutLogin: Bool { native?.function == Instruction.verify.name }
}
