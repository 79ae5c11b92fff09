import Glibc
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PIVSession: SDKReferencingBackendSession {
    /// The same key as OpenZiti's SDKs reach it: through ykcs11, Yubico's PKCS#11 module, in the spelling that both SDKs read
    /// alike. Neither can ask for a PIN, and the C SDK cannot do without one.
    func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        do throws(KeyStoreError) {
            let record = try onlyRecord(at: uri)
            guard let path = YKCS11.libraryPath else {
                throw KeyStoreError(
                    .unsupportedOperation,
                    "the OpenZiti SDKs reach a YubiKey through Yubico's PKCS#11 module, and libykcs11 is not installed")
            }
            let slot = try moduleSlot()
            let id = Hex.byte(PKCS11Names.ykcs11ID(of: record.slot))
            let pin = try referencePIN()
            let reference = try joined("pkcs11://\(path)?id=\(id)&slot=0x\(String(slot, radix: 16))&pin=", pin)
            if record.algorithm?.type == .ed25519 {
                provider.host.notice(.warning("Neither OpenZiti SDK takes Ed25519 keys from a PKCS#11 module."))
            }
            provider.host.notice(
                .warning(
                    "The reference for the OpenZiti SDKs holds the token's PIN, because they cannot ask for it: whoever reads "
                        + "the file can use the key."))
            return reference
        } catch {
            throw error.during("write SDK reference", of: uri.text)
        }
    }

    /// The module numbers the readers whose names begin with "Yubico", and shows no others.
    private func moduleSlot() throws(KeyStoreError) -> Int {
        let readers = try connection.card.manager.readers().filter(YKCS11.shows)
        guard let index = readers.firstIndex(of: connection.card.reader) else {
            throw KeyStoreError(
                .unsupportedOperation,
                "Yubico's PKCS#11 module shows readers only whose names begin with 'Yubico', and this one is '\(connection.card.reader)'"
            )
        }
        return index
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
        guard pin.withBytes({ $0.allSatisfy(PercentEncoding.isUnreserved) }) else {
            throw KeyStoreError(
                .policyRefused,
                "the OpenZiti SDKs read a PIN alike only if it consists of letters, digits, '-', '.', '_' and '~'")
        }
        return pin
    }

    private func joined(_ text: String, _ pin: PIN) throws(KeyStoreError) -> PIN {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count + pin.count, alignment: 16)
        defer {
            PIN.wipe(buffer)
            buffer.deallocate()
        }
        buffer.copyBytes(from: text.utf8)
        pin.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[text.utf8.count...]).copyMemory(from: $0) }
        return try PIN(UnsafeRawBufferPointer(buffer))
    }
}
