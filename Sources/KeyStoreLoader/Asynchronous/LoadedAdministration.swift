import KeyStoreCore

/// What a loaded store does with tokens as a whole.
struct LoadedAdministration: TokenAdministering {
    let store: LoadedKeyStore

    func initialise(label: String, pin: PINSource) async throws(KeyStoreError) -> TokenInfo {
        try await store.run { (store) throws(KeyStoreError) in try store.initialiseToken(label: label, pin: pin) }
    }

    func setPIN(pin: PINSource) async throws(KeyStoreError) {
        try await store.run { (store) throws(KeyStoreError) in try store.setPIN(pin: pin) }
    }

    func changePIN(of user: TokenUser, pin: PINSource) async throws(KeyStoreError) {
        try await store.run { (store) throws(KeyStoreError) in try store.changePIN(of: user, pin: pin) }
    }

    func unblockPIN(pin: PINSource) async throws(KeyStoreError) {
        try await store.run { (store) throws(KeyStoreError) in try store.unblockPIN(pin: pin) }
    }

    func setRetries(pinTries: Int, pukTries: Int, pin: PINSource) async throws(KeyStoreError) {
        try await store.run { (store) throws(KeyStoreError) in
            try store.setRetries(pinTries: pinTries, pukTries: pukTries, pin: pin)
        }
    }

    func reset(pin: PINSource) async throws(KeyStoreError) -> TokenInfo {
        try await store.run { (store) throws(KeyStoreError) in try store.reset(pin: pin) }
    }

    func changeManagementKey(algorithm: String?, pin: PINSource) async throws(KeyStoreError) {
        try await store.run { (store) throws(KeyStoreError) in
            try store.changeManagementKey(algorithm: algorithm, pin: pin)
        }
    }
}
