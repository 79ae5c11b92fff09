import KeyStoreCore

extension PKCS11Session {
    /// What the token can do, as it says itself and as is known of its module.
    func mechanisms() throws(KeyStoreError) -> Mechanisms {
        var mechanisms = try connection.mechanisms()
        if quirks.contains(.unlistedPSS), mechanisms.contains(.rsaPKCS1) { mechanisms.insert(.rsaPSS) }
        return mechanisms
    }

    /// What the token can do with keys of this type; nothing for one that is not to be used.
    func mechanisms(of type: KeyType) throws(KeyStoreError) -> Mechanisms {
        if type == .ecP521, quirks.contains(.noP521) { return [] }
        return try mechanisms()
    }
}
