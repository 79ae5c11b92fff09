import KeyStoreCore
import KeyStorePlugin
import LibCrypto

/// Where a session's PINs come from, and which it may send.
struct PINProvider {
    /// What the reference says; outranks asking the host.
    let reference: PINReference?
    let host: any BackendHost
    /// Whether a PIN may be sent although a wrong one would lock the token.
    let allowsLastTry: Bool
    let rejected: RejectedPINs

    /// Asks for the PIN of a token, once, without holding the card. Throws `pinRequired` where there is none, and without
    /// sending anything what `checked` throws.
    func pin(
        for identity: Identity, kind: PINRequest.Kind, triesLeft: Int?
    ) throws(KeyStoreError) -> CheckedPIN {
        try plainPIN(for: identity, kind: kind, triesLeft: triesLeft).checked
    }

    /// The same with the PIN as it was given.
    func plainPIN(
        for identity: Identity, kind: PINRequest.Kind = .pin, triesLeft: Int?
    ) throws(KeyStoreError) -> (plain: PIN, checked: CheckedPIN) {
        try demandTry(triesLeft, "PIN")
        let pin: PIN
        switch reference {
        case .value(let value): pin = value
        case .file(let path): pin = try PINFile.read(path)
        case nil: pin = try ask(for: identity, kind, triesLeft)
        }
        return (pin, try checked(pin, of: Applet.Reference.pin, on: identity, "PIN"))
    }

    /// Asks the host, whatever the reference says: for PUKs and what is to be set.
    func ask(
        for identity: Identity, _ kind: PINRequest.Kind, _ triesLeft: Int? = nil
    ) throws(KeyStoreError) -> PIN {
        try host.secret(
            PINRequest(
                kind: kind, subject: identity.label, uri: try identity.uri().text, triesLeft: triesLeft,
                countIsLow: triesLeft.map { $0 < 3 } ?? false))
    }

    /// Throws where no PIN or PUK is accepted any more, or where a wrong one would be the last.
    func demandTry(_ triesLeft: Int?, _ name: String) throws(KeyStoreError) {
        if triesLeft == 0 {
            throw KeyStoreError(
                .pinLocked,
                name == "PIN"
                    ? "the token accepts no PIN any more; unblock it with the PUK"
                    : "the token accepts no \(name) any more; only a reset, which destroys its keys, makes it usable",
                operation: "log in", triesLeft: 0)
        }
        if triesLeft == 1, !allowsLastTry {
            throw KeyStoreError(
                .pinLastTry, "a wrong \(name) now would lock the token; none was sent", operation: "log in",
                triesLeft: 1)
        }
    }

    /// The PIN as it is sent. Throws `pinRequired` for an empty one, `invalidData` for one that no card can have, `pinIncorrect`
    /// for one that this token has rejected before.
    func checked(
        _ pin: PIN, of reference: UInt8, on identity: Identity, _ name: String
    ) throws(KeyStoreError) -> CheckedPIN {
        guard !pin.isEmpty else {
            throw KeyStoreError(.pinRequired, "the \(name) is empty, and was not sent", operation: "log in")
        }
        guard let padded = try PaddedPIN.make(pin) else {
            throw KeyStoreError(
                .invalidData,
                "a \(name) of a PIV card has 6 to 8 bytes and no control characters; this one was not sent",
                operation: "log in")
        }
        let fingerprint = try PINFingerprint(pin)
        guard !rejected.contains(fingerprint, of: reference, on: identity) else {
            throw KeyStoreError(
                .pinIncorrect, "the token has rejected this \(name) before, and it was not sent again",
                operation: "log in")
        }
        return CheckedPIN(padded: padded, fingerprint: fingerprint)
    }
}
