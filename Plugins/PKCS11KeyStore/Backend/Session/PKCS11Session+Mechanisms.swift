import CP11Kit
import KeyStoreCore

extension PKCS11Session {
    /// What the token can do, as it says itself and as is known of its module.
    func mechanisms() throws(KeyStoreError) -> Mechanisms {
        var mechanisms = try connection.mechanisms()
        if quirks.contains(.unlistedPSS), mechanisms.contains(.rsaPKCS1) { mechanisms.insert(.rsaPSS) }
        if quirks.contains(.noOAEP) { mechanisms.remove(.rsaOAEP) }
        for form in EdwardsForm.allCases where !quirks.isSuperset(of: form.quirk) { mechanisms.remove(form.flag) }
        // Where a vendor's form is the only one, keys are made in it too.
        if let form = mechanisms.edwardsForm, form != .standard { mechanisms.insert(.generateEdwards) }
        return mechanisms
    }

    /// What the token can do with keys of this type; nothing for one that is not to be used.
    func mechanisms(of type: KeyType) throws(KeyStoreError) -> Mechanisms {
        if type == .ecP521, quirks.contains(.noP521) { return [] }
        return try mechanisms()
    }

    /// What the token can do with one key of this type, whose owner may have allowed it less.
    func mechanisms(of type: KeyType, for record: ObjectRecord) throws(KeyStoreError) -> Mechanisms {
        try mechanisms(of: type).intersection(record.allowedMechanisms)
    }

    /// The algorithms that a key of this type can decrypt with, by its mechanisms and by what is known of its module.
    func decryptionAlgorithms(of type: KeyType, _ mechanisms: Mechanisms) -> [EncryptionAlgorithm] {
        mechanisms.decryptionAlgorithms(of: type).filter { algorithm in
            switch algorithm {
            case .rsaPKCS1: !quirks.contains(.noPKCS1Decryption)
            case .rsaOAEPSHA1: true
            default: !quirks.contains(.oaepSHA1Only)
            }
        }
    }

    /// How a key that has been found signs. What the token could not be asked now was known when the key was found.
    func signingMechanisms(of type: KeyType?, for record: ObjectRecord) -> SigningMechanisms {
        guard let type, let mechanisms = try? mechanisms(of: type, for: record) else { return SigningMechanisms() }
        return SigningMechanisms(
            edwards: mechanisms.edwardsForm?.signing ?? CKM_EDDSA, forWholeMessages: mechanisms.wholeMessagesOnly)
    }
}
