import CP11Kit
import KeyStoreCore

/// Mechanisms that this backend uses: those of a token, or those that a key is allowed. What a mechanism's info says of key
/// sizes misleads in several modules, so that sizes are tried and not looked up.
struct Mechanisms: OptionSet, Sendable {
    let rawValue: UInt32

    static let ecdsa = Mechanisms(rawValue: 1)
    static let eddsa = Mechanisms(rawValue: 2)
    static let rsaPKCS1 = Mechanisms(rawValue: 4)
    static let rsaPSS = Mechanisms(rawValue: 8)
    static let generateEC = Mechanisms(rawValue: 16)
    static let generateEdwards = Mechanisms(rawValue: 32)
    static let generateRSA = Mechanisms(rawValue: 64)
    static let rsaOAEP = Mechanisms(rawValue: 128)
    static let ecdh = Mechanisms(rawValue: 256)
    static let ecdsaSHA256 = Mechanisms(rawValue: 1 << 9)
    static let ecdsaSHA384 = Mechanisms(rawValue: 1 << 10)
    static let ecdsaSHA512 = Mechanisms(rawValue: 1 << 11)
    static let rsaPKCS1SHA256 = Mechanisms(rawValue: 1 << 12)
    static let rsaPKCS1SHA384 = Mechanisms(rawValue: 1 << 13)
    static let rsaPKCS1SHA512 = Mechanisms(rawValue: 1 << 14)
    static let rsaPSSSHA256 = Mechanisms(rawValue: 1 << 15)
    static let rsaPSSSHA384 = Mechanisms(rawValue: 1 << 16)
    static let rsaPSSSHA512 = Mechanisms(rawValue: 1 << 17)
    static let eddsaLuna = Mechanisms(rawValue: 1 << 18)
    static let eddsaEP11 = Mechanisms(rawValue: 1 << 19)
    static let eddsaBIND = Mechanisms(rawValue: 1 << 20)
    static let all = Mechanisms(rawValue: .max)

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Those of the token's that are known here.
    init(of slot: Slot) throws(KeyStoreError) {
        self.init(try Self.list(of: slot))
    }

    /// Asks the token for its list.
    static func list(of slot: Slot) throws(KeyStoreError) -> [CK_MECHANISM_TYPE] {
        let cryptoki = slot.module.cryptoki
        // The list may grow before it is asked for, as that of the slots.
        for _ in 0..<4 {
            var count: CK_ULONG = 0
            try Cryptoki.check(
                cryptoki.getMechanismList(slot.id, nil, &count), "C_GetMechanismList", during: "list mechanisms")
            guard count <= maximumCount else {
                throw KeyStoreError(
                    .invalidReply, "the token says that it has \(count) mechanisms", operation: "list mechanisms")
            }
            var list = [CK_MECHANISM_TYPE](repeating: 0, count: Int(count))
            let capacity = count
            let result = cryptoki.getMechanismList(slot.id, &list, &count)
            if result == CKR_BUFFER_TOO_SMALL { continue }
            try Cryptoki.check(result, "C_GetMechanismList", during: "list mechanisms")
            return Array(list.prefix(Int(min(count, capacity))))
        }
        throw KeyStoreError(
            .invalidReply, "the number of the token's mechanisms does not settle", operation: "list mechanisms")
    }

    /// The value of CKA_ALLOWED_MECHANISMS. An empty list, as modules have one where nobody set it, and one that is malformed
    /// allow everything: the token has the last word anyway.
    init(allowed value: [UInt8]) {
        let width = MemoryLayout<CK_MECHANISM_TYPE>.size
        guard !value.isEmpty, value.count.isMultiple(of: width) else {
            self = .all
            return
        }
        self.init(
            value.withUnsafeBytes { bytes in
                stride(from: 0, to: bytes.count, by: width).map {
                    bytes.loadUnaligned(fromByteOffset: $0, as: CK_MECHANISM_TYPE.self)
                }
            })
    }

    private init(_ list: some Sequence<CK_MECHANISM_TYPE>) { self = Mechanisms(list.compactMap { Self.known[$0] }) }

    private static let maximumCount: CK_ULONG = 16384
    private static let known: [CK_MECHANISM_TYPE: Mechanisms] = [
        CKM_ECDSA: .ecdsa, CKM_EDDSA: .eddsa, CKM_RSA_PKCS: .rsaPKCS1, CKM_RSA_PKCS_PSS: .rsaPSS,
        CKM_EC_KEY_PAIR_GEN: .generateEC, CKM_EC_EDWARDS_KEY_PAIR_GEN: .generateEdwards,
        CKM_RSA_PKCS_KEY_PAIR_GEN: .generateRSA, CKM_RSA_PKCS_OAEP: .rsaOAEP, CKM_ECDH1_DERIVE: .ecdh,
        CKM_ECDSA_SHA256: .ecdsaSHA256, CKM_ECDSA_SHA384: .ecdsaSHA384, CKM_ECDSA_SHA512: .ecdsaSHA512,
        CKM_SHA256_RSA_PKCS: .rsaPKCS1SHA256, CKM_SHA384_RSA_PKCS: .rsaPKCS1SHA384,
        CKM_SHA512_RSA_PKCS: .rsaPKCS1SHA512, CKM_SHA256_RSA_PKCS_PSS: .rsaPSSSHA256,
        CKM_SHA384_RSA_PKCS_PSS: .rsaPSSSHA384, CKM_SHA512_RSA_PKCS_PSS: .rsaPSSSHA512,
    ].merging(EdwardsForm.allCases.map { ($0.signing, $0.flag) }) { standard, _ in standard }
}
