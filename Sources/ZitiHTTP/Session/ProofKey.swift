import Crypto

/// A secret that shows who began an authorization, and its hash, which is shown first (RFC 7636 §4, S256).
struct ProofKey: Sendable {
    /// The secret.
    let verifier: String
    /// What is shown of it first.
    let challenge: String

    init() { self.init(verifier: RandomText.make(bytes: 32)) }

    init(verifier: String) {
        self.verifier = verifier
        challenge = RandomText.base64URL(Array(SHA256.hash(data: Array(verifier.utf8))))
    }
}
