import KeyStoreCore
import KeyStoreTesting

extension MatrixModule {
    /// Whether keys are made on its token for its user; otherwise those are used that are given.
    var makesKeys: Bool { givenTypes.isEmpty }

    /// Whether there can be a key of the type.
    func hasKeys(of type: KeyType) -> Bool {
        makesKeys ? !ModuleLimits.limits(of: self).contains(.generating(type)) : givenTypes.contains(type)
    }

    /// The types of the keys that it enrolls and connects with.
    var connectingTypes: [KeyType] { [.ecP256, .rsa(bits: 2048)].filter(hasKeys) }

    /// The reference of the key of the type that is made, or given, for a use.
    func keyURI(_ use: String, _ type: KeyType, on token: TestToken) throws -> KeyStoreURI {
        try token.uri(token.attributes("\(use)-\(KeyStoreConformance.Subject.label(of: type))"))
    }
}
