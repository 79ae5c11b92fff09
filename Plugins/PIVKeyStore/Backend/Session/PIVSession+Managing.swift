import KeyStoreCore
import KeyStorePlugin

extension PIVSession {
    /// Runs an operation that changes the card, once the card has been shown the management key, which is asked for each
    /// time and not kept. Not repeated once it has begun.
    func performManaged<Result>(
        _ operation: String, login: LoginNeed = .never, _ body: (Applet) throws(KeyStoreError) -> Result
    ) throws(KeyStoreError) -> Result {
        do throws(KeyStoreError) {
            let key = try ManagementKey(hexadecimal: try provider.ask(for: identity, .managementKey))
            return try perform(operation, login: login, repeatable: false) { applet throws(KeyStoreError) in
                try applet.authenticate(key, identity, provider.host)
                return try body(applet)
            }
        } catch {
            throw error.during(operation)
        }
    }

    /// The one slot that a reference names for a new key.
    func newSlot(at uri: KeyStoreURI, _ operation: String) throws(KeyStoreError) -> Slot {
        let wanted = try PIVURI(uri)
        guard isFor(wanted) else {
            throw KeyStoreError(
                .invalidURI, "the reference names another token than the session's", operation: operation,
                subject: uri.text)
        }
        guard let slot = wanted.slot else {
            throw KeyStoreError(
                .invalidURI, "the reference must name one slot for the key, as in slot=9a", operation: operation,
                subject: uri.text)
        }
        guard slot != .attestation else {
            throw KeyStoreError(
                .policyRefused, "the slot f9 has the key that attests all others, which is not replaced",
                operation: operation, subject: uri.text)
        }
        return slot
    }

    /// Throws `keyExists` unless the slot is empty, as far as the card tells.
    func demandEmpty(_ slot: Slot, _ applet: Applet, _ operation: String) throws(KeyStoreError) {
        let found = try record(of: slot, applet, looksForCertificate: false)
        var message = "the slot \(slot.text) has a key"
        if found == nil {
            guard identity.has(.metadata) else {
                throw KeyStoreError(
                    .keyExists,
                    "cards with this firmware do not tell whether the slot \(slot.text) has a key, which would be lost; ask for it to be replaced",
                    operation: operation)
            }
            guard try applet.read(slot.certificateObject) != nil else { return }
            message = "the slot \(slot.text) has a certificate"
        }
        throw KeyStoreError(.keyExists, message + "; it stays", operation: operation)
    }
}
