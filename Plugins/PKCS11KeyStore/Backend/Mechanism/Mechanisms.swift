import CP11Kit
import KeyStoreCore

/// The mechanisms of a token that this backend uses. What a mechanism's info says of key sizes misleads in several modules,
/// so that sizes are tried and not looked up.
struct Mechanisms: OptionSet, Sendable {
    let rawValue: UInt32

    static let ecdsa = Mechanisms(rawValue: 1)
    static let eddsa = Mechanisms(rawValue: 2)
    static let rsaPKCS1 = Mechanisms(rawValue: 4)
    static let rsaPSS = Mechanisms(rawValue: 8)
    static let generateEC = Mechanisms(rawValue: 16)
    static let generateEdwards = Mechanisms(rawValue: 32)
    static let generateRSA = Mechanisms(rawValue: 64)

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Asks the token for its list.
    init(of slot: Slot) throws(KeyStoreError) {
        let cryptoki = slot.module.cryptoki
        var count: CK_ULONG = 0
        try Cryptoki.check(
            cryptoki.getMechanismList(slot.id, nil, &count), "C_GetMechanismList", during: "list mechanisms")
        guard count <= Self.maximumCount else {
            throw KeyStoreError(
                .invalidReply, "the token says that it has \(count) mechanisms", operation: "list mechanisms")
        }
        var list = [CK_MECHANISM_TYPE](repeating: 0, count: Int(count))
        let capacity = count
        try Cryptoki.check(
            cryptoki.getMechanismList(slot.id, &list, &count), "C_GetMechanismList", during: "list mechanisms")
        self = Mechanisms(list.prefix(Int(min(count, capacity))).compactMap { Self.known[$0] })
    }

    /// The algorithms that a key of this type can sign with on such a token.
    func algorithms(of type: KeyType) -> [SignatureAlgorithm] {
        type.algorithms.filter { algorithm in
            guard contains(Self.needed(for: algorithm)) else { return false }
            // RFC 8017 §9.1.1: a short modulus has no room for a long salt.
            guard case .rsa(let bits) = type, algorithm.isRSAPSS, let hash = algorithm.hash else { return true }
            return (bits - 1 + 7) / 8 >= 2 * hash.digestLength + 2
        }
    }

    private static func needed(for algorithm: SignatureAlgorithm) -> Mechanisms {
        switch algorithm {
        case .ed25519: .eddsa
        case .ecdsaP256SHA256, .ecdsaP384SHA384, .ecdsaP521SHA512: .ecdsa
        default: algorithm.isRSAPSS ? .rsaPSS : .rsaPKCS1
        }
    }

    private static let maximumCount: CK_ULONG = 16384
    private static let known: [CK_MECHANISM_TYPE: Mechanisms] = [
        CKM_ECDSA: .ecdsa, CKM_EDDSA: .eddsa, CKM_RSA_PKCS: .rsaPKCS1, CKM_RSA_PKCS_PSS: .rsaPSS,
        CKM_EC_KEY_PAIR_GEN: .generateEC, CKM_EC_EDWARDS_KEY_PAIR_GEN: .generateEdwards,
        CKM_RSA_PKCS_KEY_PAIR_GEN: .generateRSA,
    ]
}
