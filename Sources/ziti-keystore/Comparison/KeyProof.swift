import KeyStoreCore
import KeyStoreVerification

/// That several paths lead to one key.
enum KeyProof {
    /// The message that each path signs.
    static let message = Array("ziti-keystore compare: the same key on every path".utf8)

    /// Throws, naming both fingerprints, where two of the public keys are different ones. Nil is one that is not known yet.
    static func demandSameKey(_ keys: [(path: ComparisonPath, key: PublicKey?)]) throws {
        let known = keys.compactMap { path, key in key.map { (path: path, key: $0) } }
        guard let first = known.first, let other = known.first(where: { $0.key != first.key }) else { return }
        throw CommandFailure(
            status: .badData, code: "keysDiffer",
            message: "path \(first.path.number) leads to the \(first.key.type) key \(fingerprint(first.key)), and path "
                + "\(other.path.number) to the \(other.key.type) key \(fingerprint(other.key)); nothing was compared",
            operation: "compare keys", subject: other.path.reference.redacted,
            hint: "'ziti-keystore list REF' shows each token's keys; these numbers are SHA-256 of their public keys")
    }

    /// Throws where a path's signature of the message does not verify with every path's public key.
    static func demandValidSignatures(
        _ proofs: [(path: ComparisonPath, key: PublicKey, signature: [UInt8])], _ algorithm: SignatureAlgorithm
    ) throws {
        for signer in proofs {
            for judge in proofs where !judge.key.isValidSignature(signer.signature, of: message, using: algorithm) {
                throw CommandFailure(
                    status: .badData, code: "signatureInvalid",
                    message: "the signature of path \(signer.path.number) does not verify with the public key of path "
                        + "\(judge.path.number); nothing was compared",
                    operation: "compare keys", subject: signer.path.reference.redacted)
            }
        }
    }

    /// SHA-256 of a public key, as hexadecimal digits.
    static func fingerprint(_ key: PublicKey) -> String { Hexadecimal.text(key.sha256Fingerprint) }

    /// The algorithm that all sign with: the one that is wanted, or the first of them that all have. Throws
    /// `unsupportedMechanism`, naming what each has, where there is none.
    static func algorithm(
        wanted: SignatureAlgorithm?, _ keys: [(path: ComparisonPath, key: KeyInfo)]
    ) throws(KeyStoreError) -> SignatureAlgorithm {
        let choices = wanted.map { [$0] } ?? keys.first?.key.algorithms ?? []
        let common = choices.first { algorithm in keys.allSatisfy { $0.key.algorithms.contains(algorithm) } }
        guard let common else {
            let lists = keys.map { path, key in
                let algorithms = key.algorithms.map { "\($0)" }.joined(separator: ", ")
                return "path \(path.number) (\(path.name)) has \(algorithms.isEmpty ? "none" : algorithms)"
            }
            let what = wanted.map { "not every path signs with \($0)" } ?? "the paths sign with no algorithm in common"
            throw KeyStoreError(
                .unsupportedMechanism, "\(what): \(lists.joined(separator: "; "))", operation: "choose algorithm")
        }
        return common
    }
}
