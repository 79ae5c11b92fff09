import KeyStoreCore

extension PKCS11Session {
    /// What the token can do with keys of this type, as it says itself and as is known of its module.
    func mechanisms(for type: KeyType) throws(KeyStoreError) -> Mechanisms {
        if type == .ecP521, quirks.contains(.noP521) { return [] }
        var mechanisms = try connection.mechanisms()
        if quirks.contains(.unlistedPSS), mechanisms.contains(.rsaPKCS1) { mechanisms.insert(.rsaPSS) }
        return mechanisms
    }
}
