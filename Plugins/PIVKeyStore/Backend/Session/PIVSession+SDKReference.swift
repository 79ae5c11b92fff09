import Glibc
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PIVSession: SDKReferencingBackendSession {
    /// The same key as OpenZiti's SDKs reach it: through ykcs11, Yubico's PKCS#11 module, in the spelling that both SDKs read
    /// alike. Neither can ask for a PIN, and the C SDK cannot do without one.
    ///
    /// It names no slot, though both could read one: they would open it without listing the slots, and until they are listed
    /// ykcs11 has none (CKR_SLOT_ID_INVALID). Without, both list them and take the first with a token.
    func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        do throws(KeyStoreError) {
            let record = try onlyRecord(at: uri)
            guard let path = YKCS11.libraryPath else {
                throw KeyStoreError(
                    .unsupportedOperation,
                    "the OpenZiti SDKs reach a YubiKey through Yubico's PKCS#11 module, and libykcs11 is not installed")
            }
            try demandFirst()
            let id = Hex.byte(PKCS11Names.ykcs11ID(of: record.slot))
            let pin = try referencePIN()
            let reference = try SDKReference.make("pkcs11://\(path)?id=\(id)&pin=", endingWith: pin)
            if let type = record.algorithm?.type, [.ed25519, .x25519].contains(type) {
                provider.host.notice(.warning("Neither OpenZiti SDK takes \(type) keys from a PKCS#11 module."))
            }
            if record.pinPolicy == .always {
                provider.host.notice(
                    .warning(
                        "The OpenZiti SDKs give the PIN once, and this key asks for it each time: they cannot sign with it."
                    ))
            }
            provider.host.notice(
                .warning(
                    "A reference for the OpenZiti SDKs holds the token's PIN, because they cannot ask for it: whoever reads a "
                        + "file with the PIN in it can use the key. They send it to the first YubiKey that they find: plug in no other."
                ))
            return reference
        } catch {
            throw error.during("write SDK reference", of: uri.text)
        }
    }

    /// Throws unless the device is the one that the SDKs take: the module shows the readers whose names begin with "Yubico",
    /// in pcscd's order, and they take the first that has a card.
    private func demandFirst() throws(KeyStoreError) {
        let (reader, manager) = (connection.card.reader, connection.card.manager)
        guard YKCS11.shows(reader) else {
            throw KeyStoreError(
                .unsupportedOperation,
                "Yubico's PKCS#11 module shows readers only whose names begin with 'Yubico', and this one is "
                    + "'\(reader)'"
            )
        }
        let shown = try manager.states(of: try manager.readers().filter(YKCS11.shows)).filter(\.hasCard)
        guard shown.first?.name == reader else {
            throw KeyStoreError(
                .unsupportedOperation,
                "the OpenZiti SDKs take the first YubiKey that Yubico's PKCS#11 module shows, which is another one; unplug it"
            )
        }
    }

    /// The PIN to write down, asked for again because none is kept. It is compared with the one that logged in, or else tried:
    /// a wrong one would cost tries each time that an SDK starts.
    private func referencePIN() throws(KeyStoreError) -> PIN {
        let (pin, checked) = try provider.plainPIN(for: identity, triesLeft: connection.triesLeft)
        if let known = connection.acceptedPIN {
            guard checked.fingerprint == known else {
                throw KeyStoreError(
                    .pinIncorrect, "this is not the PIN that the token accepted; it was not sent to the token")
            }
        } else {
            try connection.card.transaction { () throws(KeyStoreError) in try connection.logIn(checked) }
        }
        return pin
    }
}
