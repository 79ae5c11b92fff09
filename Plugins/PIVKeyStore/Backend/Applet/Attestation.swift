import KeyStoreCore

extension Applet {
    /// What came of asking the card to attest a key.
    enum Attestation {
        /// The certificate, DER.
        case certificate([UInt8])
        /// There is no key in the slot.
        case empty
        /// There is none that was made on the card.
        case refused(StatusWord)
    }

    /// Has the card attest that it made the key in a slot. Firmware 4.3 and later.
    func attest(_ slot: Slot) throws(KeyStoreError) -> Attestation {
        let answer = try card.send(Command(.attest, slot.number))
        switch answer.status {
        case .success: return .certificate(answer.data)
        case .noSuchReference: return .empty
        case .wrongData, .conditionsNotMet, .wrongParameters, .notFound: return .refused(answer.status)
        default: throw KeyStoreError.card(answer.status, .attest, during: "attest key")
        }
    }
}
