import KeyStoreCore
import KeyStorePlugin

extension PIVSession: KeyAttestingBackendSession {
    func attestation(at uri: KeyStoreURI) throws(KeyStoreError) -> [[UInt8]] {
        let operation = "attest key"
        do throws(KeyStoreError) {
            guard identity.has(.attesting) else {
                throw KeyStoreError(.unsupportedOperation, "the card's firmware attests no keys; 4.3 and later do")
            }
            let record = try onlyRecord(at: uri)
            guard record.slot != .attestation else {
                throw KeyStoreError(
                    .policyRefused, "the key that attests the others is attested by its own certificate")
            }
            return try perform(operation) { applet throws(KeyStoreError) in
                switch try applet.attest(record.slot) {
                case .certificate(let certificate):
                    let issuer = try applet.certificate(in: .attestation)
                    return [certificate] + (issuer.map { [$0] } ?? [])
                case .empty: throw KeyStoreError(.noSuchKey, "the slot \(record.slot.text) is empty")
                case .refused(let status):
                    throw KeyStoreError.card(
                        status, .attest, .policyRefused,
                        "the key was not made on the card, which attests only those that were",
                        during: operation)
                }
            }
        } catch {
            throw error.during(operation, of: uri.text)
        }
    }
}
