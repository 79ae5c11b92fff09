public import KeyStoreCore

/// A store that makes tokens ready and looks after their PINs; see `TokenAdministering`. The host is asked for each PIN by
/// its kind, and each is sent once.
public protocol AdministeringBackend: Backend {
    /// Initialises the one token that the store's URI matches, which may be an uninitialised one, and describes it.
    func initialiseToken(label: String, host: any BackendHost) throws(KeyStoreError) -> TokenInfo
    /// As the security officer, sets the user PIN.
    func setPIN(host: any BackendHost) throws(KeyStoreError)
    /// Changes a PIN, given the old one.
    func changePIN(of user: TokenUser, host: any BackendHost) throws(KeyStoreError)
    /// As the security officer, or with the PUK where the token has one, sets a new user PIN in place of a locked one.
    func unblockPIN(host: any BackendHost) throws(KeyStoreError)
    /// Sets how many wrong PINs and PUKs in a row lock them.
    func setRetries(pinTries: Int, pukTries: Int, host: any BackendHost) throws(KeyStoreError)
    /// Brings the token back to the state it was sold in, and describes it.
    func reset(host: any BackendHost) throws(KeyStoreError) -> TokenInfo
    /// Changes the management key to one for the cipher of this name; nil for the present one's.
    func changeManagementKey(algorithm: String?, host: any BackendHost) throws(KeyStoreError)
}

extension AdministeringBackend {
    /// Throws `unsupportedOperation`: a token need not let its tries be set.
    public func setRetries(pinTries: Int, pukTries: Int, host: any BackendHost) throws(KeyStoreError) {
        throw KeyStoreError(.unsupportedOperation, "this backend does not set how often a PIN can be tried")
    }

    /// Throws `unsupportedOperation`: a token need not have such a state.
    public func reset(host: any BackendHost) throws(KeyStoreError) -> TokenInfo {
        throw KeyStoreError(.unsupportedOperation, "this backend does not reset tokens")
    }

    /// Throws `unsupportedOperation`: a token need not have a management key.
    public func changeManagementKey(algorithm: String?, host: any BackendHost) throws(KeyStoreError) {
        throw KeyStoreError(.unsupportedOperation, "this backend's tokens have no management key")
    }
}
