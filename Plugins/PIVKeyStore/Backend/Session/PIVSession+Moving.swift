import KeyStoreCore
import KeyStorePlugin

extension PIVSession: KeyMovingBackendSession {
    func moveKey(at uri: KeyStoreURI, to place: KeyStoreURI) throws(KeyStoreError) -> KeyInfo {
        let operation = "move key"
        do throws(KeyStoreError) {
            try demandWritable(operation)
            guard identity.has(.moving) else {
                throw KeyStoreError(
                    .unsupportedOperation, "cards with this firmware move no keys; 5.7 and later do")
            }
            let record = try onlyRecord(at: uri)
            let slot = try newSlot(at: place, operation)
            guard record.slot != .attestation, record.slot != slot else {
                throw KeyStoreError(
                    record.slot == slot ? .keyExists : .policyRefused,
                    record.slot == slot
                        ? "the key is in the slot \(slot.text) already"
                        : "the key that attests the others stays where it is")
            }
            try perform(operation) { applet throws(KeyStoreError) in try demandEmpty(slot, applet, operation) }
            let moved = try performManaged(operation) { applet throws(KeyStoreError) in
                try demandEmpty(slot, applet, operation)
                try applet.move(record.slot, to: slot)
                if let own = try applet.certificate(in: record.slot) {
                    try applet.write([own] + (try applet.issuers(of: record.slot)), to: slot)
                    _ = try applet.removeCertificates(of: record.slot)
                }
                return try self.record(of: slot, applet, looksForCertificate: true)
            }
            guard let moved, moved.publicKey == record.publicKey else {
                throw KeyStoreError(.invalidReply, "the key is not where the card said it had moved it to")
            }
            return try moved.info(on: identity)
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }
}
