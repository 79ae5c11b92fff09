import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PIVSession: KeyImportingBackendSession {
    func importKey(
        pem: UnsafeRawBufferPointer, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try importKey(pem: pem, options: NewKeyOptions(purpose: purpose), at: uri)
    }

    func importKey(
        pem: UnsafeRawBufferPointer, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        let operation = "import key"
        do throws(KeyStoreError) {
            try demandWritable(operation)
            let slot = try newSlot(at: uri, operation)
            let key = try PrivateKey(pem: pem) { () throws(KeyStoreError) in
                try provider.host.secret(
                    PINRequest(kind: .passphrase, subject: "the key to be imported", uri: uri.redacted))
            }
            try key.checkPair()
            try options.purpose.demand(of: key.type, operation, uri)
            let algorithm = try algorithm(for: key.type)
            try demandPolicies(options)
            let publicKey = try key.publicKey()
            let parameters = try ImportedKey.parameters(of: key, algorithm, options)
            if !options.replaces {
                try perform(operation) { applet throws(KeyStoreError) in try demandEmpty(slot, applet, operation) }
            }
            let record = try performManaged(operation) { applet throws(KeyStoreError) in
                if !options.replaces { try demandEmpty(slot, applet, operation) }
                let command = Command(.importKey, algorithm.rawValue, slot.number, secret: parameters)
                _ = try applet.card.send(command).checked(.importKey, during: operation)
                return try settle(slot, applet, publicKey, options)
            }
            return try PIVKey(self, record)
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }
}
