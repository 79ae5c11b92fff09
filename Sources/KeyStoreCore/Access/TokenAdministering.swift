/// Making a token ready, and looking after its PINs.
///
/// Everything works on the one token that the store's URI matches. The source is asked for each PIN that is needed, by its
/// kind (`securityOfficerPIN`, `newPIN` and so on), and each is sent once: a wrong one costs one try.
public protocol TokenAdministering: Sendable {
    /// Initialises the token, which destroys everything on it. On a token that was initialised before the security
    /// officer's PIN must be the present one; on a new one it becomes that. The store's URI may select a new token by its
    /// slot.
    func initialise(label: String, pin: PINSource) async throws(KeyStoreError) -> TokenInfo

    /// As the security officer, sets the user PIN: the first one, or another one in place of it.
    func setPIN(pin: PINSource) async throws(KeyStoreError)

    /// Changes a PIN, given the old one.
    func changePIN(of user: TokenUser, pin: PINSource) async throws(KeyStoreError)

    /// As the security officer, or with the PUK where the token has one, sets a new user PIN in place of a locked one.
    func unblockPIN(pin: PINSource) async throws(KeyStoreError)

    /// Sets how many wrong PINs and PUKs in a row lock them. A token may set both to the ones everybody knows by it.
    func setRetries(pinTries: Int, pukTries: Int, pin: PINSource) async throws(KeyStoreError)

    /// Brings the token back to the state it was sold in, which destroys everything on it.
    func reset(pin: PINSource) async throws(KeyStoreError) -> TokenInfo

    /// Changes the management key to one for the given cipher ("AES192"); nil for the present one's.
    func changeManagementKey(algorithm: String?, pin: PINSource) async throws(KeyStoreError)
}

extension TokenAdministering {
    /// Throws `unsupportedOperation`: a token need not let its tries be set.
    public func setRetries(pinTries: Int, pukTries: Int, pin: PINSource) async throws(KeyStoreError) {
        throw KeyStoreError(.unsupportedOperation, "this backend does not set how often a PIN can be tried")
    }

    /// Throws `unsupportedOperation`: a token need not have such a state.
    public func reset(pin: PINSource) async throws(KeyStoreError) -> TokenInfo {
        throw KeyStoreError(.unsupportedOperation, "this backend does not reset tokens")
    }

    /// Throws `unsupportedOperation`: a token need not have a management key.
    public func changeManagementKey(algorithm: String?, pin: PINSource) async throws(KeyStoreError) {
        throw KeyStoreError(.unsupportedOperation, "this backend's tokens have no management key")
    }
}
