/// What a faulty backend does wrong, and which statements of the suite that makes untrue.
enum Fault: String, CaseIterable {
    case none, wrongSignature, forgetsKeys, overwrites, listsSecrets, acceptsAnyPIN, asksTwice, choosesOne
    case keepsDeletedKeys, takesForeignCertificates, ignoresReadOnly, namesAnotherPublicKey, listsOn

    /// The beginnings of the statements that fail, and no others do.
    var disproved: Set<String> {
        switch self {
        case .none: []
        case .wrongSignature:
            [
                "a new EC P-256 key signs", "messages of no byte", "eight tasks on two sessions",
                "a scope runs its body", "an imported EC P-256", "an imported EC P-384", "an imported EC P-521",
                "an imported RSA 2048", "an imported Ed25519",
            ]
        case .forgetsKeys:
            [
                "a key is found again after the store was opened anew", "eight tasks on two sessions",
                "a wrong PIN is pinIncorrect",
            ]
        case .overwrites: ["a label that is taken is keyExists"]
        case .listsSecrets: ["what a listing shows finds the same key", "two keys that match one reference"]
        case .acceptsAnyPIN, .asksTwice: ["a wrong PIN is pinIncorrect"]
        case .choosesOne: ["two keys that match one reference"]
        case .keepsDeletedKeys: ["a deleted key is gone"]
        case .takesForeignCertificates: ["a certificate for another key"]
        case .ignoresReadOnly: ["a session for reading makes no keys"]
        case .namesAnotherPublicKey: ["a key is found again after the store was opened anew"]
        case .listsOn: ["a listing ends when the caller has seen enough"]
        }
    }
}
