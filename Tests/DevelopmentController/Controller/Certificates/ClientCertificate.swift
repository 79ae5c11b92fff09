/// What the client presented in the handshake, judged as `/authenticate` judges it.
///
/// Dates are not looked at: the default authentication policy allows expired certificates.
struct ClientCertificate: Sendable {
    /// DER, leaf first, as presented; empty if the client presented nothing.
    let chain: [[UInt8]]

    /// The lower-case hexadecimal SHA-1 of the leaf.
    var fingerprint: String? {
        chain.first.map { Identifier.fingerprint(ofCertificate: $0) }
    }

    /// The leaf's public key as SubjectPublicKeyInfo DER.
    var publicKeyDER: [UInt8]? {
        chain.first.flatMap { try? CertificateFields(der: $0) }.map { Array($0.publicKeyDER) }
    }

    /// How the leaf chains to the authority.
    enum Chaining {
        /// The presented certificates lead to the root.
        case proper
        /// The leaf is ours, but the client left out the intermediate.
        case improper
        case none
    }

    /// Looks for a path from the leaf to the authority's root; every presented certificate is one of at most ten.
    func chaining(to authority: Authority) -> Chaining {
        guard let leaf = chain.first.flatMap({ try? CertificateFields(der: $0) }), chain.count <= 10,
            let root = try? CertificateFields(der: authority.root),
            let intermediate = try? CertificateFields(der: authority.intermediate)
        else { return .none }
        let presented = chain.dropFirst().compactMap { try? CertificateFields(der: $0) }
        if ClientCertificate.leads(leaf, to: root, through: presented) { return .proper }
        return ClientCertificate.leads(leaf, to: root, through: [intermediate]) ? .improper : .none
    }

    private static func leads(
        _ leaf: CertificateFields, to root: CertificateFields, through others: [CertificateFields]
    ) -> Bool {
        var current = leaf
        for _ in 0...others.count {
            if current.isSigned(by: root) { return true }
            guard let issuer = others.first(where: { current.isSigned(by: $0) }) else { return false }
            current = issuer
        }
        return false
    }
}
