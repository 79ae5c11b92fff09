import FoundationEssentials
import X509

/// Looks for the way from an attestation certificate to a root.
struct ChainSearch {
    let roots: AttestationRoots
    let now: Date

    /// The chain from the attestation certificate to the root. Throws what stands in the way.
    func chain(
        from leaf: AttestedCertificate, through presented: [Certificate]
    ) async throws(AttestationError) -> [Certificate] {
        let intermediates = presented.filter { !$0.signsItself } + roots.intermediates
        guard leaf.signedBytes == nil else {
            if let chain = await chain(fromCopy: leaf, intermediates) { return chain }
            throw explanation(leaf, presented + roots.intermediates)
                ?? AttestationError(.issuerNotAllowed, "the chain is refused: no way leads to a root")
        }
        var verifier = Verifier(rootCertificates: CertificateStore(roots.anchors)) {
            RFC5280Policy()
            ChainRules(now: now)
        }
        switch await verifier.validate(leaf: leaf.certificate, intermediates: CertificateStore(intermediates)) {
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

    /// The chain of a certificate that the library's verifier cannot take, because its signature is not over the copy's bytes:
    /// the first step is taken here, the library judges what is above, and the rules all of it. Nil for none.
    private func chain(fromCopy leaf: AttestedCertificate, _ intermediates: [Certificate]) async -> [Certificate]? {
        for issuer in roots.anchors + intermediates
        where issuer.subject == leaf.certificate.issuer && leaf.isSigned(by: issuer) {
            var verifier = Verifier(rootCertificates: CertificateStore(roots.anchors)) { RFC5280Policy() }
            let result = await verifier.validate(leaf: issuer, intermediates: CertificateStore(intermediates))
            guard case .validCertificate(let above) = result else { continue }
            let chain = [leaf.certificate] + above
            if objection(toChainOfCopy: chain) == nil { return chain }
        }
        return nil
    }

    /// What the rules say, and that nobody constrains names: the library, which checks that, has not seen the whole chain.
    private func objection(toChainOfCopy chain: [Certificate]) -> AttestationError? {
        if let objection = ChainRules(now: now).objection(to: chain) { return objection }
        guard let issuer = chain.first(where: { $0.extensions[oid: .X509ExtensionID.nameConstraints] != nil }) else {
            return nil
        }
        return AttestationError(
            .issuerNotAllowed,
            "the certificate '\(issuer.subject)' constrains names, which is not checked for X25519 keys")
    }

    /// Walks the likeliest way, and says where it ends or what is wrong with it. Decides nothing: what is refused was
    /// refused before.
    private func explanation(_ leaf: AttestedCertificate, _ intermediates: [Certificate]) -> AttestationError? {
        var chain = [leaf.certificate]
        func objection(to chain: [Certificate]) -> AttestationError? {
            leaf.signedBytes == nil ? ChainRules(now: now).objection(to: chain) : self.objection(toChainOfCopy: chain)
        }
        if roots.anchors.contains(leaf.certificate) { return objection(to: chain) }
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
            let signer = named.first {
                chain.count == 1 ? leaf.isSigned(by: $0) : $0.publicKey.isValidSignature(tip.signature, for: tip)
            }
            guard let signer else {
                return AttestationError(
                    .signatureInvalid, "the certificate '\(tip.subject)' was not signed by the key of '\(tip.issuer)'",
                    hint: "It was changed, or its issuer is another one of the same name.")
            }
            chain.append(signer)
            if roots.anchors.contains(signer) { return objection(to: chain) }
        }
        return nil
    }
}
