import FoundationEssentials
import X509

/// Looks for the way from an attestation certificate to a root.
struct ChainSearch {
    let roots: AttestationRoots
    let now: Date

    /// The chain from the attestation certificate to the root. Throws what stands in the way.
    func chain(from leaf: Certificate, through presented: [Certificate]) async throws(AttestationError) -> [Certificate]
    {
        let intermediates = presented.filter { !$0.signsItself } + roots.intermediates
        var verifier = Verifier(rootCertificates: CertificateStore(roots.anchors)) {
            RFC5280Policy()
            ChainRules(now: now)
        }
        switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(intermediates)) {
        case .validCertificate(let chain): return Array(chain)
        case .couldNotValidate(let failures):
            throw explanation(leaf, presented + roots.intermediates)
                ?? AttestationError(
                    .issuerNotAllowed,
                    "the chain is refused: "
                        + (failures.first.map { String($0.policyFailureReason.description.prefix(300)) }
                            ?? "no way leads to a root"))
        }
    }

    /// Walks the likeliest way, and says where it ends or what is wrong with it. Decides nothing: what is refused was
    /// refused before.
    private func explanation(_ leaf: Certificate, _ intermediates: [Certificate]) -> AttestationError? {
        var chain = [leaf]
        if roots.anchors.contains(leaf) { return ChainRules(now: now).objection(to: chain) }
        while let tip = chain.last, chain.count <= intermediates.count + 1 {
            let named = (roots.anchors + intermediates).filter { $0.subject == tip.issuer && !chain.contains($0) }
            guard !named.isEmpty else {
                let what =
                    tip.signsItself
                    ? "the chain ends in '\(tip.subject)', which is none of the given roots"
                    : "'\(tip.subject)' was issued by '\(tip.issuer)', which is not there"
                return AttestationError(
                    .rootNotTrusted, what,
                    hint: "Give the roots and intermediates that the device's maker publishes for it.")
            }
            guard let signer = named.first(where: { $0.publicKey.isValidSignature(tip.signature, for: tip) }) else {
                return AttestationError(
                    .signatureInvalid, "the certificate '\(tip.subject)' was not signed by the key of '\(tip.issuer)'",
                    hint: "It was changed, or its issuer is another one of the same name.")
            }
            chain.append(signer)
            if roots.anchors.contains(signer) { return ChainRules(now: now).objection(to: chain) }
        }
        return nil
    }
}
