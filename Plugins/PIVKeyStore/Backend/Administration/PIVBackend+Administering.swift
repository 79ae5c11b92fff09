public import KeyStoreCore
public import KeyStorePlugin

extension PIVBackend: AdministeringBackend {
    /// Throws `unsupportedOperation`: a PIV card has no label, and nothing that makes it ready.
    public func initialiseToken(label: String, host: any BackendHost) throws(KeyStoreError) -> TokenInfo {
        throw KeyStoreError(
            .unsupportedOperation, "a PIV card has no label and is always ready; a reset makes it as it was sold")
    }

    /// Throws `unsupportedOperation`: a PIV card has no security officer who could set a PIN.
    public func setPIN(host: any BackendHost) throws(KeyStoreError) {
        throw KeyStoreError(
            .unsupportedOperation, "a PIV card has no security officer; change its PIN, or unblock it with the PUK")
    }

    /// Changes the PIN, or the PUK, given the old one.
    public func changePIN(of user: TokenUser, host: any BackendHost) throws(KeyStoreError) {
        switch user {
        case .user: try administrate(host) { (card) throws(KeyStoreError) in try card.change(.pin) }
        case .puk: try administrate(host) { (card) throws(KeyStoreError) in try card.change(.puk) }
        case .securityOfficer:
            throw KeyStoreError(.unsupportedOperation, "a PIV card has no security officer; it has a PUK")
        }
    }

    /// Sets a new PIN in place of a locked one, given the PUK.
    public func unblockPIN(host: any BackendHost) throws(KeyStoreError) {
        try administrate(host) { (card) throws(KeyStoreError) in try card.unblock() }
    }

    /// Sets how often PIN and PUK can be tried, which sets both to their factory values. Needs the management key and the PIN.
    public func setRetries(pinTries: Int, pukTries: Int, host: any BackendHost) throws(KeyStoreError) {
        try administrate(host) { (card) throws(KeyStoreError) in
            try card.setRetries(pinTries: pinTries, pukTries: pukTries)
        }
    }

    /// Destroys all keys and certificates, but for the attestation key, and sets PIN, PUK and management key to their factory
    /// values. Needs none of them.
    public func reset(host: any BackendHost) throws(KeyStoreError) -> TokenInfo {
        try administrate(host) { (card) throws(KeyStoreError) in try card.reset() }
        let token = try search(host).only()
        return try token.info()
    }

    /// Changes the management key, given the old one.
    public func changeManagementKey(algorithm: String?, host: any BackendHost) throws(KeyStoreError) {
        try administrate(host) { (card) throws(KeyStoreError) in try card.changeManagementKey(algorithm) }
    }

    private func administrate(
        _ host: any BackendHost, _ body: (CardAdministrator) throws(KeyStoreError) -> Void
    ) throws(KeyStoreError) {
        let search = search(host)
        let connection = TokenConnection(try search.only(), search)
        defer { connection.close() }
        // What the reference says is the PIN for using keys; changing it is asked about.
        try body(
            CardAdministrator(
                connection: connection,
                provider: PINProvider(reference: nil, host: host, allowsLastTry: allowsLastTry, rejected: .shared)))
    }
}
