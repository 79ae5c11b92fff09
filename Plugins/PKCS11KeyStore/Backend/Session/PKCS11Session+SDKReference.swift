import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PKCS11Session: SDKReferencingBackendSession {
    /// The one spelling that OpenZiti's Go and C SDKs read alike: the module's absolute path, `id` in an even number of
    /// hexadecimal digits, `slot` with its prefix or not at all, and a PIN that needs no escape. Neither SDK can ask for a
    /// PIN, and the C SDK cannot do without one.
    func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        do throws(KeyStoreError) {
            return try perform("write SDK reference") { () throws(KeyStoreError) in try makeReference(uri) }
        } catch {
            throw error.during("write SDK reference", of: uri.text)
        }
    }

    private func makeReference(_ uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        let key = try privateKey(at: uri)
        guard let path = connection.module.path else {
            throw KeyStoreError(
                .unsupportedOperation, "the OpenZiti SDKs need a module's path, and this module has none")
        }
        guard SDKReference.isPlain(path.utf8.filter { $0 != UInt8(ascii: "/") }) else {
            throw KeyStoreError(
                .unsupportedOperation,
                "the OpenZiti SDKs disagree about how to read the module's path, because it has other characters in it than "
                    + "letters, digits, '-', '.', '_' and '~'")
        }
        let (selector, keyWarnings) = try selector(for: key, uri)
        let (slot, slotWarnings) = try slotField()
        let pin = try referencePIN()
        let reference = try SDKReference.make("pkcs11://\(path)?\(selector)\(slot)&pin=", endingWith: pin)
        for warning in keyWarnings + slotWarnings { provider.host.notice(.warning(warning)) }
        provider.host.notice(
            .warning(
                "A reference for the OpenZiti SDKs holds the token's PIN, because they cannot ask for it: whoever reads a file "
                    + "with the PIN in it can use the key."))
        return reference
    }

    /// The slot's number where it stays the token's, and nothing where it is a reader's place in a list, which changes with
    /// what is plugged in.
    ///
    /// Without a slot both SDKs list the slots and take the first that has a token. With one they open it without listing, and
    /// some modules for readers have no slot before they were asked for a list (ykcs11 answers CKR_SLOT_ID_INVALID). Either
    /// way the PIN is sent to whatever token is there, so that one which is not the first of several is refused.
    private func slotField() throws(KeyStoreError) -> (text: String, warnings: [String]) {
        let slot = connection.slot
        guard slot.isRemovable else { return ("&slot=0x" + String(slot.id, radix: 16), []) }
        guard try slot.module.slots(withToken: true).first == slot.id else {
            throw KeyStoreError(
                .unsupportedOperation,
                "the OpenZiti SDKs take the first token that the module shows, which is another one; unplug it")
        }
        return ("", ["The OpenZiti SDKs send the PIN to the first token that the module shows: plug in no other."])
    }

    private func selector(
        for key: PKCS11Key, _ uri: KeyStoreURI
    ) throws(KeyStoreError) -> (text: String, warnings: [String]) {
        var warnings: [String] = []
        if key.info.type == .ecP521 {
            warnings.append("The Go SDK does not take P-521 keys from a PKCS#11 module.")
        }
        if let type = key.info.type, [.ed25519, .x25519].contains(type) {
            warnings.append("Neither OpenZiti SDK takes \(type) keys from a PKCS#11 module.")
        }
        if !key.info.id.isEmpty {
            guard key.info.id.count <= 32 else {
                throw KeyStoreError(
                    .unsupportedOperation,
                    "the C SDK has room for ids of 32 bytes, and this one has \(key.info.id.count)")
            }
            try demandOnly(try records(CKO_PRIVATE_KEY, id: key.info.id, label: nil), uri)
            return ("id=\(Hex.encode(key.info.id))", warnings)
        }
        guard !key.info.label.isEmpty, SDKReference.isPlain(key.info.label.utf8) else {
            throw KeyStoreError(
                .unsupportedOperation,
                "the OpenZiti SDKs cannot name this key: it has no id, and no label of letters, digits, '-', '.', '_' and '~'"
            )
        }
        try demandOnly(try records(CKO_PRIVATE_KEY, id: nil, label: Array(key.info.label.utf8)), uri)
        warnings.append("The key has no id, and only the C SDK finds keys by their label; give the key an id.")
        return ("label=\(key.info.label)", warnings)
    }

    /// The SDKs take the first key that they find, whatever else the reference says.
    private func demandOnly(_ found: [ObjectRecord], _ uri: KeyStoreURI) throws(KeyStoreError) {
        if found.count > 1 { throw try ambiguous(found, at: uri) }
    }

    /// The PIN to write down, asked for again because none is kept. It is compared with the one that logged in: a wrong one
    /// would cost tries each time that an SDK starts.
    private func referencePIN() throws(KeyStoreError) -> PIN {
        let slot = connection.slot
        guard slot.token.map({ $0.flags & CKF_PROTECTED_AUTHENTICATION_PATH == 0 }) == true else {
            throw KeyStoreError(
                .unsupportedOperation,
                "the token's PIN is entered on the device, which the OpenZiti SDKs cannot wait for")
        }
        let pin = try provider.pin(for: slot, kind: .pin)
        if let known = connection.gate.pin, try PINFingerprint(pin) != known {
            throw KeyStoreError(
                .pinIncorrect, "this is not the PIN that the token accepted; it was not sent to the token")
        }
        return pin
    }
}
