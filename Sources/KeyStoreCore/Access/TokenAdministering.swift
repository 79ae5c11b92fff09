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

    /// As the security officer, sets a new user PIN in place of a locked one.
    func unblockPIN(pin: PINSource) async throws(KeyStoreError)
}
