public import KeyStoreCore
public import KeyStorePlugin

extension InMemoryBackend: AdministeringBackend {
    /// Throws `unsupportedOperation`: a token is there when it is first named.
    public func initialiseToken(label: String, host: any BackendHost) throws(KeyStoreError) -> TokenInfo {
        throw KeyStoreError(.unsupportedOperation, "a token in memory needs no initialising; it can be reset")
    }

    /// Throws `unsupportedOperation`: there is no security officer.
    public func setPIN(host: any BackendHost) throws(KeyStoreError) {
        throw KeyStoreError(.unsupportedOperation, "a token in memory has no security officer")
    }

    /// Changes the PIN or the PUK.
    public func changePIN(of user: TokenUser, host: any BackendHost) throws(KeyStoreError) {
        switch user {
        case .user:
            try token.login(try ask(.pin, host))
            let new = bytes(try ask(.newPIN, host))
            token.state.withLock { $0.pin = new }
        case .puk:
            try token.check(puk: try ask(.puk, host))
            let new = bytes(try ask(.newPUK, host))
            token.state.withLock { $0.puk = new }
        case .securityOfficer:
            throw KeyStoreError(.unsupportedOperation, "a token in memory has no security officer")
        }
    }

    /// Sets a new PIN with the PUK.
    public func unblockPIN(host: any BackendHost) throws(KeyStoreError) {
        try token.check(puk: try ask(.puk, host))
        let new = bytes(try ask(.newPIN, host))
        token.state.withLock { state in
            state.pin = new
            state.wrongPINs = 0
        }
    }

    /// Sets the tries, and PIN and PUK to those that everybody knows.
    public func setRetries(pinTries: Int, pukTries: Int, host: any BackendHost) throws(KeyStoreError) {
        guard (1...255).contains(pinTries), (1...255).contains(pukTries) else {
            throw KeyStoreError(.invalidData, "between 1 and 255 tries can be set")
        }
        try demandManagementKey(host)
        try token.login(try ask(.pin, host))
        token.state.withLock { state in
            (state.pinTries, state.pukTries) = (pinTries, pukTries)
            (state.pin, state.puk) = (InMemoryToken.Factory.pin, InMemoryToken.Factory.puk)
            (state.wrongPINs, state.wrongPUKs) = (0, 0)
        }
    }

    /// Destroys every key, and sets PIN, PUK and management key to those that everybody knows.
    public func reset(host: any BackendHost) throws(KeyStoreError) -> TokenInfo {
        token.state.withLock { state in
            state = InMemoryToken.State()
            (state.pin, state.puk) = (InMemoryToken.Factory.pin, InMemoryToken.Factory.puk)
            state.managementKey = InMemoryToken.Factory.managementKey
        }
        return try token.info
    }

    /// Changes the management key to one of the cipher's length, which is all that is known of ciphers here.
    public func changeManagementKey(algorithm: String?, host: any BackendHost) throws(KeyStoreError) {
        guard let length = ["3DES": 24, "AES128": 16, "AES192": 24, "AES256": 32][algorithm ?? "3DES"] else {
            throw KeyStoreError(.unsupportedMechanism, "there are no management keys for \(algorithm ?? "")")
        }
        try demandManagementKey(host)
        let new = bytes(try ask(.newManagementKey, host))
        guard new.count == 2 * length, new.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            throw KeyStoreError(.invalidData, "this management key has \(length) bytes, in hexadecimal")
        }
        token.state.withLock { $0.managementKey = new }
    }

    private func demandManagementKey(_ host: any BackendHost) throws(KeyStoreError) {
        let given = bytes(try ask(.managementKey, host))
        guard token.state.withLock({ $0.managementKey == given }) else {
            throw KeyStoreError(.pinIncorrect, "the management key for \(token.name) is wrong")
        }
    }

    private func ask(_ kind: PINRequest.Kind, _ host: any BackendHost) throws(KeyStoreError) -> PIN {
        try host.secret(PINRequest(kind: kind, subject: token.name, uri: try token.info.uri.text))
    }

    private func bytes(_ secret: PIN) -> [UInt8] { secret.withBytes { Array($0) } }
}
