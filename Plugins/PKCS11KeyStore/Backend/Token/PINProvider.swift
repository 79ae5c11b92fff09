import CP11Kit
import KeyStoreCore
import KeyStorePlugin

/// Where a session's PINs come from, and which it may send.
struct PINProvider {
    /// What the reference says; outranks asking the host.
    let reference: PINReference?
    let host: any BackendHost
    /// Whether a PIN may be sent although a wrong one would lock the token.
    let allowsLastTry: Bool
    let rejected: RejectedPINs

    /// A PIN that no reference gives: the security officer's, or one that is to be set. Throws `invalidData` for a new one of
    /// another length than the token takes, naming the limits, before anything was sent.
    func administrativePIN(for slot: Slot, kind: PINRequest.Kind) throws(KeyStoreError) -> PIN {
        let info = try slot.tokenInfo()
        let countIsLow = kind == .securityOfficerPIN && (slot.token?.flags ?? 0) & CKF_SO_PIN_COUNT_LOW != 0
        let pin = try host.secret(
            PINRequest(
                kind: kind, subject: info.label.isEmpty ? info.location : info.label, uri: info.uri.text,
                countIsLow: countIsLow))
        guard kind == .newPIN || kind == .newSecurityOfficerPIN else {
            guard !pin.isEmpty else {
                throw KeyStoreError(.pinRequired, "the security officer's PIN is empty, and was not sent")
            }
            return pin
        }
        guard !pin.isEmpty else { throw KeyStoreError(.invalidData, "the new PIN is empty; nothing was changed") }
        if let lengths = slot.token?.pinLengths, !lengths.contains(pin.count) {
            throw KeyStoreError(
                .invalidData,
                "the token takes new PINs of \(lengths.lowerBound) to \(lengths.upperBound) bytes; nothing was changed")
        }
        return pin
    }

    /// The PIN for a token, asked for once. Throws `pinRequired` where there is none; an empty PIN is none, as many modules
    /// read an empty one as "ask on the device".
    func pin(for slot: Slot, kind: PINRequest.Kind) throws(KeyStoreError) -> PIN {
        let pin: PIN
        switch reference {
        case .value(let value): pin = value
        case .file(let path): pin = try PINFile.read(path)
        case nil:
            let info = try slot.tokenInfo()
            pin = try host.secret(
                PINRequest(
                    kind: kind, subject: info.label, uri: info.uri.text, countIsLow: info.flags.contains(.pinCountLow)))
        }
        guard !pin.isEmpty else {
            throw KeyStoreError(.pinRequired, "the PIN is empty, and was not sent", operation: "log in")
        }
        return pin
    }
}
