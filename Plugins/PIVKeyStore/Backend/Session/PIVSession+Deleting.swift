import KeyStoreCore
import KeyStorePlugin

extension PIVSession: KeyDeletingBackendSession {
    func deleteKey(at uri: KeyStoreURI) throws(KeyStoreError) {
        let operation = "delete key"
        do throws(KeyStoreError) {
            try demandWritable(operation)
            let record = try onlyRecord(at: uri)
            guard record.slot != .attestation else {
                throw KeyStoreError(.policyRefused, "the slot f9 has the key that attests all others, which stays")
            }
            guard identity.has(.moving) else {
                throw KeyStoreError(
                    .unsupportedOperation,
                    "cards with this firmware delete no keys (5.7 and later do); replace the key, or remove its certificate"
                )
            }
            try performManaged(operation) { applet throws(KeyStoreError) in
                try applet.move(record.slot, to: nil)
                _ = try applet.removeCertificates(of: record.slot)
            }
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }
}

extension Applet {
    /// Moves a key to an empty slot, or destroys it for nil. Firmware 5.7 and later.
    func move(_ slot: Slot, to place: Slot?) throws(KeyStoreError) {
        let answer = try card.send(Command(.moveKey, place?.number ?? 0xFF, slot.number))
        _ = try answer.checked(.moveKey, during: place == nil ? "delete key" : "move key")
    }
}
