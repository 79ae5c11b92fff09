import KeyStoreCore

extension PKCS11Session {
    /// What the token can do, as it says itself and as is known of its module.
    func mechanisms() throws(KeyStoreError) -> Mechanisms {
        var mechanisms = try connection.mechanisms()
        if quirks.contains(.unlistedPSS), mechanisms.contains(.rsaPKCS1) { mechanisms.insert(.rsaPSS) }
        return mechanisms
    }

    /// The algorithms that a key of this type can sign with on this token.
    func algorithms(of type: KeyType) throws(KeyStoreError) -> [SignatureAlgorithm] {
        if type == .ecP521, quirks.contains(.noP521) { return [] }
        return try mechanisms().algorithms(of: type)
    }
}
