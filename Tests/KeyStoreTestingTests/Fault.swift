import KeyStoreCore

/// What a faulty backend does wrong, and which statements of the suite that makes untrue.
enum Fault: String, CaseIterable {
    case none, wrongSignature, forgetsKeys, overwrites, listsSecrets, acceptsAnyPIN, asksTwice, choosesOne
    case keepsDeletedKeys, takesForeignCertificates, ignoresReadOnly, namesAnotherPublicKey, listsOn
    case wrongPlaintext, tellsCiphertextsApart, servesEveryPurpose, sharesAnotherSecret, sharesZeros
    case takesPeersOffTheCurve
    case keepsTheLabel, relabelsOverOthers, forgetsIssuers
    case ignoresPolicies, replacesUnasked, attestsAnotherKey, attestsImportedKeys, movesOverOthers, losesCertificates

    /// The beginnings of the statements that fail, and no others do.
    var disproved: Set<String> {
        switch self {
        case .none: []
        case .wrongSignature:
            [
                "a new EC P-256 key signs", "messages of no byte", "sixty-four tasks on two sessions",
                "a scope runs its body", "an imported EC P-256", "an imported EC P-384", "an imported EC P-521",
                "an imported RSA 2048", "an imported Ed25519",
            ]
        case .forgetsKeys:
            [
                "a key is found again after the store was opened anew", "sixty-four tasks on two sessions",
                "a wrong PIN is pinIncorrect",
            ]
        case .overwrites: ["a label that is taken is keyExists"]
        case .listsSecrets: ["what a listing shows finds the same key", "two keys that match one reference"]
        case .acceptsAnyPIN: ["a wrong PIN is pinIncorrect"]
        case .asksTwice: ["a wrong PIN is pinIncorrect", "a key is made with each PIN policy"]
        case .choosesOne: ["two keys that match one reference"]
        case .keepsDeletedKeys: ["a deleted key is gone"]
        case .takesForeignCertificates: ["a certificate for another key"]
        case .ignoresReadOnly: ["a session for reading makes no keys"]
        case .namesAnotherPublicKey: ["a key is found again after the store was opened anew"]
        case .listsOn: ["a listing ends when the caller has seen enough"]
        case .wrongPlaintext:
            [
                "a key for decrypting decrypts", "a ciphertext that is wrong", "an imported key decrypts",
                // Nothing more is tried with a key that has failed.
                "within its declared limits it does not decrypt",
            ]
        case .tellsCiphertextsApart: ["a ciphertext that is wrong"]
        case .servesEveryPurpose: ["a key does what it was made for"]
        case .sharesAnotherSecret, .sharesZeros:
            [
                "EC P-256 keys for deriving", "EC P-384 keys for deriving", "EC P-521 keys for deriving",
                "X25519 keys for deriving",
            ]
        case .takesPeersOffTheCurve: ["another public key that is of another curve"]
        case .keepsTheLabel: ["a key that is relabelled is the same", "a new label that another key has"]
        case .relabelsOverOthers: ["a new label that another key has"]
        case .forgetsIssuers: ["a chain of certificates is read back whole"]
        case .ignoresPolicies: ["a key is made with each PIN policy", "a key is made with each touch policy"]
        case .replacesUnasked: ["a key takes another's place"]
        case .attestsAnotherKey: ["an attestation begins with"]
        case .attestsImportedKeys: ["a key that came from outside"]
        case .movesOverOthers: ["a place that another key has"]
        case .losesCertificates: ["a moved key is the same"]
        }
    }

    /// The types of key that the backend makes: few, so that a run is short.
    var generatable: Set<KeyType> {
        switch self {
        case .wrongPlaintext, .tellsCiphertextsApart, .servesEveryPurpose: [.ecP256, .rsa(bits: 2048)]
        default: [.ecP256]
        }
    }
}
