import KeyStoreCore
import KeyStorePlugin

/// What a backend does with tokens as a whole.
struct DirectAdministration: TokenAdministering {
    let store: DirectKeyStore

    func initialise(label: String, pin: PINSource) async throws(KeyStoreError) -> TokenInfo {
        try store.use { (backend: any AdministeringBackend) throws(KeyStoreError) in
            try backend.initialiseToken(label: label, host: store.makeHost(pin: pin))
        }
    }

    func setPIN(pin: PINSource) async throws(KeyStoreError) {
        try store.use { (backend: any AdministeringBackend) throws(KeyStoreError) in
            try backend.setPIN(host: store.makeHost(pin: pin))
        }
    }

    func changePIN(of user: TokenUser, pin: PINSource) async throws(KeyStoreError) {
        try store.use { (backend: any AdministeringBackend) throws(KeyStoreError) in
            try backend.changePIN(of: user, host: store.makeHost(pin: pin))
        }
    }

    func unblockPIN(pin: PINSource) async throws(KeyStoreError) {
        try store.use { (backend: any AdministeringBackend) throws(KeyStoreError) in
            try backend.unblockPIN(host: store.makeHost(pin: pin))
        }
    }

    func setRetries(pinTries: Int, pukTries: Int, pin: PINSource) async throws(KeyStoreError) {
        try store.use { (backend: any AdministeringBackend) throws(KeyStoreError) in
            try backend.setRetries(pinTries: pinTries, pukTries: pukTries, host: store.makeHost(pin: pin))
        }
    }

    func reset(pin: PINSource) async throws(KeyStoreError) -> TokenInfo {
        try store.use { (backend: any AdministeringBackend) throws(KeyStoreError) in
            try backend.reset(host: store.makeHost(pin: pin))
        }
    }

    func changeManagementKey(algorithm: String?, pin: PINSource) async throws(KeyStoreError) {
        try store.use { (backend: any AdministeringBackend) throws(KeyStoreError) in
            try backend.changeManagementKey(algorithm: algorithm, host: store.makeHost(pin: pin))
        }
    }
}
