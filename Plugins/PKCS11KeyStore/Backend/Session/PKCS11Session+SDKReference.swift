import CP11Kit
import KeyStoreCore
import KeyStorePlugin
import LibCrypto

extension PKCS11Session: SDKReferencingBackendSession {
    /// The one spelling that OpenZiti's Go and C SDKs read alike: the module's absolute path, `id` in an even number of
    /// hexadecimal digits, `slot` with its prefix, and a PIN that needs no escape. Neither SDK can ask for a PIN, and the C
    /// SDK cannot do without one.
    func sdkReference(at uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        try perform("write SDK reference") { () throws(KeyStoreError) in
            let operation = "write SDK reference"
            let key = try privateKey(at: uri)
            guard let path = connection.module.path else {
                throw KeyStoreError(
                    .unsupportedOperation, "the OpenZiti SDKs need a module's path, and this module has none",
                    operation: operation, subject: uri.text)
            }
            guard Self.isPlain(path.utf8.filter { $0 != UInt8(ascii: "/") }) else {
                throw KeyStoreError(
                    .unsupportedOperation,
                    "the OpenZiti SDKs disagree about how to read the module's path, because it has other characters in it than "
                        + "letters, digits, '-', '.', '_' and '~'",
                    operation: operation, subject: uri.text)
            }
            let (selector, warnings) = try selector(for: key, uri)
            let slot = "slot=0x" + String(connection.slot.id, radix: 16)
            let pin = try referencePIN(uri)
            let text = "pkcs11://\(path)?\(selector)&\(slot)&pin="
            let reference = try joined(text, pin)
            for warning in warnings { provider.host.notice(.warning(warning)) }
            provider.host.notice(
                .warning(
                    "The reference for the OpenZiti SDKs holds the token's PIN, because they cannot ask for it: whoever reads the "
                        + "file can use the key."))
            return reference

        }
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
                    "the C SDK has room for ids of 32 bytes, and this one has \(key.info.id.count)",
                    operation: "write SDK reference", subject: uri.text)
            }
            return ("id=\(Hex.encode(key.info.id))", warnings)
        }
        guard !key.info.label.isEmpty, Self.isPlain(key.info.label.utf8) else {
            throw KeyStoreError(
                .unsupportedOperation,
                "the OpenZiti SDKs cannot name this key: it has no id, and no label of letters, digits, '-', '.', '_' and '~'",
                operation: "write SDK reference", subject: uri.text)
        }
        warnings.append("The key has no id, and only the C SDK finds keys by their label; give the key an id.")
        return ("label=\(key.info.label)", warnings)
    }

    /// The PIN to write down, asked for again because none is kept. It is compared with the one that logged in: a wrong one
    /// would cost tries each time that an SDK starts.
    private func referencePIN(_ uri: KeyStoreURI) throws(KeyStoreError) -> PIN {
        let slot = connection.slot
        guard slot.token.map({ $0.flags & CKF_PROTECTED_AUTHENTICATION_PATH == 0 }) == true else {
            throw KeyStoreError(
                .unsupportedOperation,
                "the token's PIN is entered on the device, which the OpenZiti SDKs cannot wait for",
                operation: "write SDK reference", subject: uri.text)
        }
        let pin = try provider.pin(for: slot, kind: .pin)
        if let known = connection.gate.pin, try PINFingerprint(pin) != known {
            throw KeyStoreError(
                .pinIncorrect, "this is not the PIN that the token accepted; it was not sent to the token",
                operation: "write SDK reference", subject: uri.text)
        }
        guard pin.withBytes({ Self.isPlain($0) }) else {
            throw KeyStoreError(
                .policyRefused,
                "the OpenZiti SDKs read a PIN alike only if it consists of letters, digits, '-', '.', '_' and '~'",
                operation: "write SDK reference", subject: uri.text)
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

    /// The unreserved characters of RFC 3986 §2.3: the ones that nobody escapes.
    private static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy(PercentEncoding.isUnreserved)
    }
}
