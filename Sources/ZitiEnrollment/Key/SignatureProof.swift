import KeyStoreCore
import KeyStoreTLS
import KeyStoreVerification

/// What a key has shown that it can sign with.
struct SignatureProof {
    /// The algorithms that TLS may ask for and that work, best first.
    let usable: [SignatureAlgorithm]
    /// Those that the store names and that failed, with the reason.
    let dropped: [(algorithm: SignatureAlgorithm, reason: String)]

    /// Whether TLS 1.3 has a use for the key: it takes no PKCS#1 v1.5 (RFC 8446 §4.2.3).
    var allowsTLS13: Bool { usable.contains { ![.rsaPKCS1SHA256, .rsaPKCS1SHA384, .rsaPKCS1SHA512].contains($0) } }

    /// What a person has to know of it.
    var warnings: [String] {
        dropped.map { "the key cannot sign with \($0.algorithm), which its store names: \($0.reason)" }
            + (allowsTLS13 ? [] : ["the key has no algorithm for TLS 1.3; it works with TLS 1.2 only"])
    }

    /// Signs once with every algorithm, or once in all where each signature needs a person, and checks each signature
    /// against the public key.
    ///
    /// A failure that says something of the algorithm drops it; any other, such as a wrong PIN, is thrown at once, so that
    /// nothing is tried twice. Throws `noUsableAlgorithm` if nothing is left.
    static func make(with key: any Key, publicKey: PublicKey) async throws(EnrollmentError) -> SignatureProof {
        let offered = key.info.algorithms.filter(publicKey.type.algorithms.contains)
        let candidates = publicKey.type.algorithms.filter(offered.contains)
        // Not a text that anything else signs, and long enough not to be one: TLS begins with 64 spaces, a certificate
        // request with a DER sequence.
        var random = SystemRandomNumberGenerator()
        let message = Array("ziti-keystore proves that this key can sign: ".utf8) + (0..<32).map { _ in random.next() }

        var usable: [SignatureAlgorithm] = []
        var dropped: [(SignatureAlgorithm, String)] = []
        for (index, algorithm) in candidates.enumerated() {
            if key.info.protection.needsPersonEachTime, !usable.isEmpty {
                usable += candidates[index...]
                break
            }
            do throws(KeyStoreError) {
                let signature = try await key.sign(message, using: algorithm)
                if publicKey.isValidSignature(signature, of: message, using: algorithm) {
                    usable.append(algorithm)
                } else {
                    dropped.append((algorithm, "the signature does not verify against the public key"))
                }
            } catch {
                guard Self.concernsAlgorithm(error.code) else {
                    throw EnrollmentError(error.during("prove signature", of: key.info.uri.text))
                }
                dropped.append((algorithm, error.message))
            }
        }
        guard !usable.isEmpty else {
            let reasons = dropped.map { "\($0.0): \($0.1)" }.joined(separator: "; ")
            throw EnrollmentError(
                .noUsableAlgorithm,
                "the \(publicKey.type) key makes no signature that TLS can use"
                    + (reasons.isEmpty ? "" : " (\(reasons))"),
                hint: "Use another key. The one-time token is untouched.",
                underlying: KeyStoreError(
                    .unsupportedMechanism, "no signature algorithm of the key can be used for TLS",
                    operation: "prove signature", subject: key.info.uri.text))
        }
        return SignatureProof(usable: usable, dropped: dropped)
    }

    private static func concernsAlgorithm(_ code: KeyStoreError.Code) -> Bool {
        [.unsupportedMechanism, .unsupportedOperation, .policyRefused, .invalidReply, .backendFailure, .invalidData]
            .contains(code)
    }
}
