import KeyStoreCore
import KeyStorePlugin

/// Looks after the PIN, PUK and management key of one card. Every secret is asked for before one is sent, and each is sent once.
struct CardAdministrator {
    let connection: TokenConnection
    let provider: PINProvider

    private var identity: Identity { connection.identity }

    /// Runs commands in one transaction. Nothing is repeated.
    private func perform<Result>(
        _ operation: String, _ body: (Applet) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        do throws(KeyStoreError) {
            return try connection.card.transaction { () throws(KeyStoreError) in try body(connection.applet) }
        } catch {
            throw error.during(operation, of: (try? identity.uri().text) ?? "")
        }
    }

    // MARK: PIN and PUK

    /// Changes the PIN or the PUK, given the old one.
    func change(_ code: AccessCode) throws(KeyStoreError) {
        let operation = "change \(code.name)"
        let tries = try triesLeft(of: code, operation)
        try provider.demandTry(tries, code.name)
        let old = try provider.checked(
            try provider.ask(for: identity, code.kind, tries), of: code.reference, on: identity, code.name)
        let new = try newCode(code)
        try exchange(
            Command(.changeReference, 0, code.reference, secret: try joined(old.padded, new)), old, code, operation)
    }

    /// Sets a new PIN, given the PUK.
    func unblock() throws(KeyStoreError) {
        let operation = "unblock PIN"
        let tries = try triesLeft(of: .puk, operation)
        try provider.demandTry(tries, AccessCode.puk.name)
        let puk = try provider.checked(
            try provider.ask(for: identity, .puk, tries), of: AccessCode.puk.reference, on: identity,
            AccessCode.puk.name)
        let new = try newCode(.pin)
        try exchange(
            Command(.resetRetry, 0, AccessCode.pin.reference, secret: try joined(puk.padded, new)), puk, .puk, operation
        )
        provider.rejected.removeAll(of: AccessCode.pin.reference, on: identity)
    }

    private func joined(_ first: PIN, _ second: PIN) throws(KeyStoreError) -> PIN {
        try PaddedPIN.joined([first, second])
    }

    private func newCode(_ code: AccessCode) throws(KeyStoreError) -> PIN {
        let new = try provider.ask(for: identity, code.newKind)
        guard let padded = try PaddedPIN.make(new) else {
            throw KeyStoreError(
                .invalidData, "a new \(code.name) has 6 to 8 bytes and no control characters; nothing was changed")
        }
        return padded
    }

    /// Sends a command that counts a try of the old code.
    private func exchange(
        _ command: Command, _ old: CheckedPIN, _ code: AccessCode, _ operation: String
    ) throws(KeyStoreError) {
        let status = try perform(operation) { applet throws(KeyStoreError) in try applet.card.send(command).status }
        connection.forgetLogin()
        if status == .success {
            provider.rejected.removeAll(of: code.reference, on: identity)
            return
        }
        guard let left = status.triesLeft else {
            let isRefusal = status == .wrongData || status == .conditionsNotMet
            throw KeyStoreError.card(
                status, command.instruction, isRefusal ? .policyRefused : .backendFailure,
                isRefusal ? "the card does not take the new \(code.name)" : "the card refused the command",
                during: operation)
        }
        provider.rejected.insert(old.fingerprint, of: code.reference, on: identity)
        throw KeyStoreError.card(
            status, command.instruction, status == .blocked ? .pinLocked : .pinIncorrect,
            status == .blocked
                ? "the token accepts no \(code.name) any more"
                : left == 0 ? "the \(code.name) is wrong, and it is locked now" : "the \(code.name) is wrong",
            during: operation)
    }

    /// How many tries are left, where the card tells.
    private func triesLeft(of code: AccessCode, _ operation: String) throws(KeyStoreError) -> Int? {
        guard code == .puk else { return connection.triesLeft }
        guard identity.has(.metadata) else { return nil }
        return try perform(operation) { applet throws(KeyStoreError) in
            try applet.metadata(code.reference)?.triesLeft
        }
    }

    // MARK: What takes the management key

    /// Sets how often PIN and PUK can be tried. The card sets both to their factory values by it.
    func setRetries(pinTries: Int, pukTries: Int) throws(KeyStoreError) {
        let operation = "set PIN retries"
        guard let pin = UInt8(exactly: pinTries), let puk = UInt8(exactly: pukTries), pin > 0, puk > 0 else {
            throw KeyStoreError(.invalidData, "a PIN or PUK has 1 to 255 tries", operation: operation)
        }
        try provider.demandTry(connection.triesLeft, AccessCode.pin.name)
        let key = try ManagementKey(hexadecimal: try provider.ask(for: identity, .managementKey))
        let code = try provider.pin(for: identity, kind: .pin, triesLeft: connection.triesLeft)
        try perform(operation) { applet throws(KeyStoreError) in
            try applet.authenticate(key, identity, provider.host)
            try connection.logIn(code)
            _ = try applet.card.send(Command(.setRetries, pin, puk)).checked(.setRetries, during: operation)
        }
        connection.forgetLogin()
        for code in [AccessCode.pin, .puk] { provider.rejected.removeAll(of: code.reference, on: identity) }
        provider.host.notice(
            .warning(
                "The card has set its PIN and PUK to their factory values, which everybody knows: change them now."))
    }

    /// Sets another management key, for the cipher of this name or the present one's.
    func changeManagementKey(_ name: String?) throws(KeyStoreError) {
        let operation = "change management key"
        var cipher = try perform(operation) { applet throws(KeyStoreError) in
            try applet.managementKeyKind(identity).cipher
        }
        if let name {
            guard let named = ManagementCipher(named: name) else {
                throw KeyStoreError(
                    .unsupportedMechanism, "management keys are for 3DES, AES128, AES192 or AES256",
                    operation: operation)
            }
            cipher = named
        }
        guard cipher == .tripleDES || identity.has(.aesManagementKeys) else {
            throw KeyStoreError(
                .unsupportedMechanism, "the card's firmware takes management keys for 3DES only", operation: operation)
        }
        let old = try ManagementKey(hexadecimal: try provider.ask(for: identity, .managementKey))
        let new = try ManagementKey(hexadecimal: try provider.ask(for: identity, .newManagementKey))
        guard new.bytes.count == cipher.keyLength else {
            throw KeyStoreError(
                .invalidData,
                "a management key for \(cipher.name) has \(2 * cipher.keyLength) hexadecimal digits; nothing was changed",
                operation: operation)
        }
        let data = try new.parameters(cipher)
        try perform(operation) { applet throws(KeyStoreError) in
            try applet.authenticate(old, identity, provider.host)
            _ = try applet.card.send(Command(.setManagementKey, 0xFF, 0xFF, secret: data)).checked(
                .setManagementKey, during: operation)
        }
    }

    // MARK: Reset

    /// Makes the card as it was sold. The applet allows that once PIN and PUK are locked, which wrong ones do first.
    func reset() throws(KeyStoreError) {
        let operation = "reset token"
        provider.host.notice(
            .warning(
                "The PIN and the PUK of the \(identity.label) are being locked, and its keys and certificates destroyed."
            ))
        try perform(operation) { applet throws(KeyStoreError) in
            for code in [AccessCode.pin, .puk] { try lock(code, applet, operation) }
            _ = try applet.card.send(Command(.reset)).checked(.reset, during: operation)
        }
        connection.forgetLogin()
        for code in [AccessCode.pin, .puk] { provider.rejected.removeAll(of: code.reference, on: identity) }
    }

    /// Tries wrong ones until none is accepted any more.
    private func lock(_ code: AccessCode, _ applet: Applet, _ operation: String) throws(KeyStoreError) {
        // 255 tries at most, and one may by accident be right, which begins the count anew.
        for _ in 0..<600 {
            let wrong = try applet.secret((0..<2 * PaddedPIN.length).map { _ in UInt8.random(in: 0x21...0x7E) })
            let command =
                code == .pin
                ? Command(.verify, 0, code.reference, secret: try PaddedPIN.joined([wrong]))
                : Command(.resetRetry, 0, AccessCode.pin.reference, secret: wrong)
            let status = try applet.card.send(command).status
            if status.triesLeft == 0 { return }
            guard status.triesLeft != nil || status == .success else {
                throw KeyStoreError.card(status, command.instruction, during: operation)
            }
        }
        throw KeyStoreError(.invalidReply, "the card does not lock its \(code.name)", operation: operation)
    }
}
