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
    /// As the security officer, sets a new user PIN in place of a locked one.
    func unblockPIN(host: any BackendHost) throws(KeyStoreError)
}
