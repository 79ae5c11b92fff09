import KeyStoreCore

/// A mutual TLS connection that a key behind a module has to open, as the server must see it.
struct ConnectionCheck: Sendable {
    /// A version of TLS, with what OpenSSL's server calls it.
    enum Version: String {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// How the client proves that it has the key.
    enum Proof: String {
        case ecdsa = "ECDSA"
        case rsaPSS = "RSA-PSS"
        /// PKCS#1 v1.5, which TLS 1.3 has no use for (RFC 8446 §4.2.3).
        case rsaPKCS1 = "RSA"

        /// The type of the key that gives it.
        var type: KeyType { self == .ecdsa ? .ecP256 : .rsa(bits: 2048) }
    }

    let version: Version
    let proof: Proof

    /// The statement that is checked.
    var statement: String {
        let name = proof == .rsaPKCS1 ? "RSA PKCS#1" : proof.rawValue
        return "an \(proof.type) key opens mutual TLS \(version.rawValue) with \(name)"
    }

    /// The checks for a module: all that there are keys for.
    static func all(of module: MatrixModule) -> [ConnectionCheck] {
        [
            ConnectionCheck(version: .tls12, proof: .ecdsa), ConnectionCheck(version: .tls13, proof: .ecdsa),
            ConnectionCheck(version: .tls12, proof: .rsaPSS), ConnectionCheck(version: .tls13, proof: .rsaPSS),
            ConnectionCheck(version: .tls12, proof: .rsaPKCS1),
        ].filter { module.hasKeys(of: $0.proof.type) }
    }

    /// What makes OpenSSL's server take nothing else, and tell what it got.
    var serverArguments: [String] {
        [version == .tls12 ? "-tls1_2" : "-tls1_3", "-client_sigalgs", "\(proof.rawValue)+SHA256", "-www"]
    }

    /// Throws unless the server's page says that it got this, with the certificate in PEM.
    func judge(_ page: String, certificate: String) throws {
        let expected = [
            "New, TLSv\(version.rawValue), Cipher is ", "Peer signing digest: SHA256\n",
            "Peer signature type: \(proof.rawValue)\n", "Verify return code: 0 (ok)\n", certificate,
        ]
        for text in expected where !page.contains(text) {
            throw BringupError("the server does not say '\(text)' but:\n\(page)")
        }
    }
}
