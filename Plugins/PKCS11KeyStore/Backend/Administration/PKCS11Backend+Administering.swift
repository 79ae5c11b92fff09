public import KeyStoreCore
public import KeyStorePlugin

extension PKCS11Backend: AdministeringBackend {
    /// Initialises the one token that the reference matches, initialised or not. A new one is selected by its slot.
    public func initialiseToken(label: String, host: any BackendHost) throws(KeyStoreError) -> TokenInfo {
        try administer("initialise token", host, all: true) { administrator throws(KeyStoreError) in
            try administrator.initialise(label: label).tokenInfo()
        }
    }

    /// As the security officer, sets the user PIN.
    public func setPIN(host: any BackendHost) throws(KeyStoreError) {
        try administer("set PIN", host) { administrator throws(KeyStoreError) in try administrator.setPIN() }
    }

    /// Changes the user's or the security officer's PIN, given the old one.
    public func changePIN(of user: TokenUser, host: any BackendHost) throws(KeyStoreError) {
        try administer("change PIN", host) { administrator throws(KeyStoreError) in
            switch user {
            case .user: try administrator.changeUserPIN()
            case .securityOfficer: try administrator.changeOfficerPIN()
            case .puk: throw KeyStoreError(.unsupportedOperation, "PKCS#11 knows no PUK")
            }
        }
    }

    /// As the security officer, sets a new user PIN in place of a locked one.
    public func unblockPIN(host: any BackendHost) throws(KeyStoreError) {
        try administer("unblock PIN", host) { administrator throws(KeyStoreError) in try administrator.unblockPIN() }
    }

    private func administer<Result>(
        _ operation: String, _ host: any BackendHost, all: Bool = false,
        _ body: (TokenAdministrator) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        try ForkGuard.demandSameProcess()
        let slot = try onlyToken(all: all)
        let administrator = TokenAdministrator(
            connection: slot.module.connection(to: slot), provider: pinProvider(host))
        do throws(KeyStoreError) {
            return try body(administrator)
        } catch {
            // The operation that failed, whatever it was doing.
            var error = error
            error.operation = operation
            throw error.during(operation, of: (try? slot.uri().normalForm().text) ?? "")
        }
    }
}
