public import KeyStoreCore

extension KeyPurpose {
    /// Throws `unsupportedMechanism` for a purpose that no key of the type has, before anything is made. What the key will be
    /// able to do beyond its purpose is the device's affair.
    public func demand(of type: KeyType, _ operation: String, _ uri: KeyStoreURI) throws(KeyStoreError) {
        let possible = type.purposes
        guard !isEmpty, isSubset(of: possible) else {
            let names = subtracting(possible).names
            throw KeyStoreError(
                .unsupportedMechanism,
                names.isEmpty
                    ? "the program does not say in a way that is known here what the key is for"
                    : "\(type) keys do not \(names.joined(separator: " or "))", operation: operation, subject: uri.text)
        }
    }
}
