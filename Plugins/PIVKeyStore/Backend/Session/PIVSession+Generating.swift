import KeyStoreCore
import KeyStorePlugin

extension PIVSession: KeyPolicyBackendSession {
    func generateKey(
        _ type: KeyType, purpose: KeyPurpose, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        try generateKey(type, options: NewKeyOptions(purpose: purpose), at: uri)
    }

    func generateKey(
        _ type: KeyType, options: NewKeyOptions, at uri: KeyStoreURI
    ) throws(KeyStoreError) -> any BackendKey {
        let operation = "generate key"
        do throws(KeyStoreError) {
            try demandWritable(operation)
            try options.purpose.demand(of: type, operation, uri)
            let slot = try newSlot(at: uri, operation)
            let algorithm = try algorithm(for: type)
            try demandPolicies(options)
            if !options.replaces {
                // Before a management key is asked for.
                try perform(operation) { applet throws(KeyStoreError) in try demandEmpty(slot, applet, operation) }
            }
            let record = try performManaged(operation) { applet throws(KeyStoreError) in
                if !options.replaces { try demandEmpty(slot, applet, operation) }
                let answer = try applet.generate(algorithm, in: slot, options.pinPolicy, options.touchPolicy)
                let publicKey = try CardPublicKey.decode(generated: answer, algorithm)
                return try settle(slot, applet, publicKey, options)
            }
            return try PIVKey(self, record)
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }

    /// The card's algorithm for a new key. Throws `unsupportedMechanism` where the card makes none such.
    func algorithm(for type: KeyType) throws(KeyStoreError) -> Algorithm {
        guard let algorithm = Algorithm(type), let firmware = identity.firmware else {
            throw KeyStoreError(.unsupportedMechanism, "this card makes no \(type) keys")
        }
        guard algorithm.isMade(by: firmware) else {
            throw KeyStoreError(
                .unsupportedMechanism,
                algorithm == .rsa1024
                    ? "RSA 1024 keys are used where they are, and none are made"
                    : "cards with firmware \(firmware) make no \(type) keys; 5.7 does")
        }
        return algorithm
    }

    /// Throws where a policy is asked for that the firmware would leave out.
    func demandPolicies(_ options: NewKeyOptions) throws(KeyStoreError) {
        guard options.pinPolicy != nil || options.touchPolicy != nil else { return }
        guard identity.has(Firmware(4, 0, 0)), options.touchPolicy != .cached || identity.has(Firmware(4, 3, 0)) else {
            throw KeyStoreError(.unsupportedMechanism, "the card's firmware has no such policies for keys")
        }
    }

    /// Takes away what belonged to a key that was replaced, reads the new one back, and holds it against what was asked for.
    func settle(
        _ slot: Slot, _ applet: Applet, _ publicKey: PublicKey, _ options: NewKeyOptions
    ) throws(KeyStoreError) -> SlotRecord {
        if options.replaces { _ = try applet.removeCertificates(of: slot) }
        guard identity.has(.metadata) else { return SlotRecord(slot, made: publicKey, options) }
        guard let record = try record(of: slot, applet, looksForCertificate: false), record.publicKey == publicKey
        else {
            throw KeyStoreError(.invalidReply, "the card has another key in the slot than the one that it said it made")
        }
        guard options.pinPolicy == nil || record.pinPolicy == options.pinPolicy,
            options.touchPolicy == nil || record.touchPolicy == options.touchPolicy
        else {
            throw KeyStoreError(
                .policyRefused,
                "the card gave the new key other policies than were asked for; the key is there, do not use it")
        }
        return record
    }
}
