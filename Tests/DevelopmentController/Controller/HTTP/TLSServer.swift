internal import NIOCore
internal import NIOSSL

/// The TLS side: asks for a client certificate, takes any or none, and judges none of them.
enum TLSServer {
    /// Every scheme that a client certificate's key might sign with (RFC 8446 §4.2.3), P-521 and Ed25519 included.
    private static let clientSchemes: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
        .rsaPkcs1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha512, .rsaPkcs1Sha512, .ed25519,
    ]

    /// The chain is leaf and intermediate; the CertificateRequest names no CA.
    static func context(_ authority: Authority, _ versions: TLSVersions, _ flaw: ServerFlaw?) throws -> NIOSSLContext {
        let certificates: [[UInt8]] =
            switch flaw {
            case .chainOutOfOrder: [authority.server, authority.root, authority.intermediate]
            case .leafOnly: [authority.server]
            case .expired, .otherHost, nil: [authority.server, authority.intermediate]
            }
        let chain = try certificates.map {
            NIOSSLCertificateSource.certificate(try NIOSSLCertificate(bytes: $0, format: .der))
        }
        let key = try NIOSSLPrivateKey(bytes: Array(authority.serverKey.pem.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        // Asks without requiring; the handler's verification callback replaces the check of what is presented.
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates([])
        configuration.verifySignatureAlgorithms = clientSchemes
        // Go's own groups; NIOSSL's lack P-521, which TLS 1.2 needs for a server's key on that curve.
        configuration.curves = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1, .secp521r1]
        configuration.minimumTLSVersion = versions == .tls13 ? .tlsv13 : .tlsv12
        configuration.maximumTLSVersion = versions == .tls12 ? .tlsv12 : .tlsv13
        return try NIOSSLContext(configuration: configuration)
    }

    /// A handler for one connection that hands over the chain the client presents, leaf first.
    static func handler(_ context: NIOSSLContext, presented: @escaping @Sendable ([[UInt8]]) -> Void)
        -> NIOSSLServerHandler
    {
        NIOSSLServerHandler(
            context: context,
            customVerificationCallback: { certificates, promise in
                presented(certificates.compactMap { try? $0.toDERBytes() })
                promise.succeed(.certificateVerified)
            })
    }
}
