import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// Verifies attestations, without a network and without a device.
public struct AttestationVerifier: Sendable {
    private let roots: AttestationRoots

    /// Makes a verifier that trusts these roots and nothing else.
    public init(roots: AttestationRoots) { self.roots = roots }

    /// Proves that a device under one of the roots made the key and says of it what is required, and that the bundle says
    /// nothing else in words. Everything is taken from the certificates. Dates are judged by this machine's clock.
    public func verify(
        _ bundle: AttestationBundle, meets requirements: AttestationRequirements = AttestationRequirements()
    ) async throws(AttestationError) -> VerifiedAttestation {
        let chain = try await ChainSearch(roots: roots, now: Date()).chain(from: bundle.leaf, through: bundle.issuers)
        let statement = try AttestationStatement(bundle.leaf)
        if let field = bundle.stated.contradiction(to: statement) { throw Self.contradicted(field) }
        if let certified = bundle.certified, certified.publicKey != statement.publicKey {
            throw Self.contradicted("keyCertificate")
        }
        try requirements.check(statement)
        return VerifiedAttestation(
            statement: statement, subjects: chain.map { "\($0.subject)" },
            rootFingerprint: Self.fingerprint(chain[chain.count - 1]),
            validUntil: chain.map(\.notValidAfter).min() ?? .distantPast)
    }

    private static func contradicted(_ field: String) -> AttestationError {
        AttestationError(
            .fieldContradicted, "'\(field)' of the attestation is not what its certificates say",
            hint: "Somebody changed it, or two attestations were mixed. Make it again.")
    }

    private static func fingerprint(_ certificate: Certificate) -> [UInt8] {
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(certificate)) != nil else { return [] }
        return Array(SHA256.hash(data: serializer.serializedBytes))
    }
}
