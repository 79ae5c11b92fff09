import CP11Kit
import KeyStoreCore

/// What keys can do with a set of mechanisms.
extension Mechanisms {
    /// The algorithms that a key of this type can sign with.
    func algorithms(of type: KeyType) -> [SignatureAlgorithm] {
        type.algorithms.filter { algorithm in
            if type == .ed25519 { return edwardsForm != nil }
            guard contains(Self.ofDigest(algorithm)) || wholeMessageMechanism(for: algorithm) != nil else {
                return false
            }
            // RFC 8017 §9.1.1: a short modulus has no room for a long salt.
            guard case .rsa(let bits) = type, algorithm.isRSAPSS, let hash = algorithm.hash else { return true }
            return (bits - 1 + 7) / 8 >= 2 * hash.digestLength + 2
        }
    }

    /// The algorithms that an RSA key can decrypt with. Which hashes OAEP takes, no list of mechanisms tells: one that the
    /// token does not take is refused when it is used.
    func decryptionAlgorithms(of type: KeyType) -> [EncryptionAlgorithm] {
        guard case .rsa(let bits) = type else { return [] }
        return EncryptionAlgorithm.all.filter { algorithm in
            guard let hash = OAEPHash(algorithm) else { return algorithm == .rsaPKCS1 && contains(.rsaPKCS1) }
            // RFC 8017 §7.1.1: a short modulus has no room for two long digests.
            return contains(.rsaOAEP) && (bits + 7) / 8 >= 2 * hash.length + 2
        }
    }

    /// Whether a key of this type can derive shared secrets.
    func canAgree(_ type: KeyType) -> Bool {
        switch type {
        case .ecP256, .ecP384, .ecP521, .x25519: contains(.ecdh)
        case .rsa, .ed25519: false
        }
    }

    /// The algorithms for which there is a mechanism for whole messages, and none for digests.
    var wholeMessagesOnly: Mechanisms {
        var only: Mechanisms = []
        for (algorithm, (flag, _)) in Self.combined where contains(flag) && !contains(Self.ofDigest(algorithm)) {
            only.insert(flag)
        }
        return only
    }

    /// The mechanism that hashes and signs; nil where there is none.
    func wholeMessageMechanism(for algorithm: SignatureAlgorithm) -> CK_MECHANISM_TYPE? {
        guard let (flag, mechanism) = Self.combined[algorithm], contains(flag) else { return nil }
        return mechanism
    }

    /// How Ed25519 signatures are made; nil where they are not.
    var edwardsForm: EdwardsForm? { EdwardsForm.allCases.first { contains($0.flag) } }

    /// What signs a digest.
    private static func ofDigest(_ algorithm: SignatureAlgorithm) -> Mechanisms {
        switch algorithm {
        case .ecdsaP256SHA256, .ecdsaP384SHA384, .ecdsaP521SHA512: .ecdsa
        default: algorithm.isRSAPSS ? .rsaPSS : .rsaPKCS1
        }
    }

    private static let combined: [SignatureAlgorithm: (Mechanisms, CK_MECHANISM_TYPE)] = [
        .ecdsaP256SHA256: (.ecdsaSHA256, CKM_ECDSA_SHA256), .ecdsaP384SHA384: (.ecdsaSHA384, CKM_ECDSA_SHA384),
        .ecdsaP521SHA512: (.ecdsaSHA512, CKM_ECDSA_SHA512), .rsaPKCS1SHA256: (.rsaPKCS1SHA256, CKM_SHA256_RSA_PKCS),
        .rsaPKCS1SHA384: (.rsaPKCS1SHA384, CKM_SHA384_RSA_PKCS),
        .rsaPKCS1SHA512: (.rsaPKCS1SHA512, CKM_SHA512_RSA_PKCS),
        .rsaPSSSHA256: (.rsaPSSSHA256, CKM_SHA256_RSA_PKCS_PSS),
        .rsaPSSSHA384: (.rsaPSSSHA384, CKM_SHA384_RSA_PKCS_PSS),
        .rsaPSSSHA512: (.rsaPSSSHA512, CKM_SHA512_RSA_PKCS_PSS),
    ]
}
