public import CKeyStore
public import KeyStoreCore

extension NewKeyOptions {
    /// Makes the request that crosses the boundary; for an import without a type. The URI's bytes are lent.
    public func request(_ type: KeyType?, uri: keystore_bytes) -> keystore_new_key_request {
        var request = keystore_new_key_request()
        request.size = UInt32(MemoryLayout<keystore_new_key_request>.size)
        if let type { (request.type, request.bits) = KeyType?.some(type).boundaryNumbers }
        request.purpose = purpose.rawValue
        request.pin_policy = pinPolicy?.rawValue ?? 0
        request.touch_policy = touchPolicy?.rawValue ?? 0
        request.flags = replaces ? UInt32(KEYSTORE_NEW_KEY_REPLACE) : 0
        request.uri = uri
        return request
    }

    /// Reads a request that came over the boundary. What this version does not know is refused, as leaving it out would make
    /// another key than the one asked for: `unsupportedMechanism`.
    public init(checking request: keystore_new_key_request) throws(KeyStoreError) {
        let (pin, touch) = (PINPolicy(rawValue: request.pin_policy), TouchPolicy(rawValue: request.touch_policy))
        guard pin != nil || request.pin_policy == 0, touch != nil || request.touch_policy == 0 else {
            throw KeyStoreError(.unsupportedMechanism, "this PIN or touch policy is not defined")
        }
        guard request.flags & ~UInt32(KEYSTORE_NEW_KEY_REPLACE) == 0 else {
            throw KeyStoreError(.unsupportedMechanism, "what is asked of the new key is not defined")
        }
        self.init(
            purpose: KeyPurpose(boundaryPurpose: request.purpose), pinPolicy: pin, touchPolicy: touch,
            replaces: request.flags & UInt32(KEYSTORE_NEW_KEY_REPLACE) != 0)
    }
}
