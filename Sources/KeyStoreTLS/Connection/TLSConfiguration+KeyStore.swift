public import KeyStoreCore
public import NIOSSL

extension TLSConfiguration {
    /// What a client of this library accepts from a server, best first. BoringSSL's own list lacks P-521 and Ed25519.
    public static let keyStoreVerificationAlgorithms: [NIOSSL.SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .ed25519, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
        .rsaPkcs1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha512, .rsaPkcs1Sha512,
    ]

    /// The groups that a client or server here offers, best first. NIOSSL's own list lacks P-521, and TLS 1.2 takes ECDSA
    /// certificates on the curves that are offered only (RFC 8422 §5.1).
    public static let keyStoreGroups: [NIOTLSCurve] = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1, .secp521r1]

    /// A client configuration that trusts these roots and nothing else, verifies the chain and the host name, and speaks
    /// TLS 1.2 or newer. Intermediates among them complete the server's chain; each chain has to end in a root. Of an authority
    /// and what it was renewed from, with the same key, the current one is taken.
    ///
    /// Certificates are DER. `chain` is the client's own, its key's first. A key that TLS 1.3 has no algorithm for limits
    /// the connection to TLS 1.2. Throws `invalidData` for a certificate that does not parse.
    public static func makeKeyStoreClient(
        trustRoots: [[UInt8]], chain: [[UInt8]] = [], key: TLSPrivateKey? = nil, maximumTLSVersion: TLSVersion? = nil
    ) throws(KeyStoreError) -> TLSConfiguration {
        var configuration = makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.maximumTLSVersion = maximumTLSVersion
        configuration.certificateVerification = .fullVerification
        configuration.verifySignatureAlgorithms = keyStoreVerificationAlgorithms
        configuration.curves = keyStoreGroups
        configuration.trustRoots = .certificates(try TrustRoots.usable(trustRoots).map(parse))
        if let key {
            configuration.certificateChain = try chain.map { der throws(KeyStoreError) in .certificate(try parse(der)) }
            configuration.privateKey = .privateKey(NIOSSLPrivateKey(customPrivateKey: key))
            if !key.canUseTLS13 { configuration.maximumTLSVersion = .tlsv12 }
        }
        return configuration
    }

    private static func parse(_ der: [UInt8]) throws(KeyStoreError) -> NIOSSLCertificate {
        do {
            return try NIOSSLCertificate(bytes: der, format: .der)
        } catch {
            throw KeyStoreError(
                .invalidData, "a certificate cannot be read", operation: "configure TLS", underlying: error)
        }
    }
}
