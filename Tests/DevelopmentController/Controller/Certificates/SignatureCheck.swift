internal import Crypto
internal import CryptoExtras
internal import SwiftASN1

/// What checking a signature can say.
enum SignatureCheck: Equatable {
    case valid
    /// The signature is not that of this key over these bytes; the text is the one Go's `x509` has for the kind of key.
    case invalid(String)
    /// The kind of key or algorithm is none that can be checked here.
    case unsupported

    /// Checks the signature of a certificate or a request with a public key given as SubjectPublicKeyInfo DER.
    ///
    /// SHA-1 and MD5 are refused, as Go's `x509` refuses them. P-224, which Go takes, is unsupported here.
    static func check(_ document: SignedDocument, publicKeyDER: ArraySlice<UInt8>) -> SignatureCheck {
        let message = Array(document.signedBytes)
        let signature = Array(document.signature)
        switch document.algorithm {
        case SignatureOID.ecdsaSHA256: return ecdsa(publicKeyDER, signature, SHA256.hash(data: message))
        case SignatureOID.ecdsaSHA384: return ecdsa(publicKeyDER, signature, SHA384.hash(data: message))
        case SignatureOID.ecdsaSHA512: return ecdsa(publicKeyDER, signature, SHA512.hash(data: message))
        case SignatureOID.rsaSHA256:
            return rsa(publicKeyDER, signature, SHA256.hash(data: message), .insecurePKCS1v1_5)
        case SignatureOID.rsaSHA384:
            return rsa(publicKeyDER, signature, SHA384.hash(data: message), .insecurePKCS1v1_5)
        case SignatureOID.rsaSHA512:
            return rsa(publicKeyDER, signature, SHA512.hash(data: message), .insecurePKCS1v1_5)
        case SignatureOID.rsaPSS:
            switch pssDigest(document.parameters) {
            case [2, 16, 840, 1, 101, 3, 4, 2, 1]:
                return rsa(publicKeyDER, signature, SHA256.hash(data: message), .PSS)
            case [2, 16, 840, 1, 101, 3, 4, 2, 2]:
                return rsa(publicKeyDER, signature, SHA384.hash(data: message), .PSS)
            case [2, 16, 840, 1, 101, 3, 4, 2, 3]:
                return rsa(publicKeyDER, signature, SHA512.hash(data: message), .PSS)
            default: return .unsupported
            }
        case SignatureOID.ed25519: return ed25519(publicKeyDER, signature, message)
        default: return .unsupported
        }
    }

    private static func ecdsa(_ publicKey: ArraySlice<UInt8>, _ signature: [UInt8], _ digest: some Digest)
        -> SignatureCheck
    {
        let valid: Bool?
        if let key = try? P256.Signing.PublicKey(derRepresentation: publicKey) {
            valid = (try? P256.Signing.ECDSASignature(derRepresentation: signature)).map {
                key.isValidSignature($0, for: digest)
            }
        } else if let key = try? P384.Signing.PublicKey(derRepresentation: publicKey) {
            valid = (try? P384.Signing.ECDSASignature(derRepresentation: signature)).map {
                key.isValidSignature($0, for: digest)
            }
        } else if let key = try? P521.Signing.PublicKey(derRepresentation: publicKey) {
            valid = (try? P521.Signing.ECDSASignature(derRepresentation: signature)).map {
                key.isValidSignature($0, for: digest)
            }
        } else {
            return .unsupported
        }
        return valid == true ? .valid : .invalid("x509: ECDSA verification failure")
    }

    private static func rsa(
        _ publicKey: ArraySlice<UInt8>, _ signature: [UInt8], _ digest: some Digest, _ padding: _RSA.Signing.Padding
    ) -> SignatureCheck {
        // "Unsafe" takes moduli from 1024 bits on; the real controller has no minimum at all.
        guard let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: publicKey) else { return .unsupported }
        let valid = key.isValidSignature(.init(rawRepresentation: signature), for: digest, padding: padding)
        return valid ? .valid : .invalid("crypto/rsa: verification error")
    }

    private static func ed25519(_ publicKey: ArraySlice<UInt8>, _ signature: [UInt8], _ message: [UInt8])
        -> SignatureCheck
    {
        guard
            let fields = try? PublicKeyFields(der: Array(publicKey)), fields.algorithm == SignatureOID.ed25519,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: fields.key)
        else { return .unsupported }
        return key.isValidSignature(signature, for: message) ? .valid : .invalid("x509: Ed25519 verification failure")
    }

    /// The digest of RSASSA-PSS-params (RFC 4055 §3.1); nil for the default, which is SHA-1.
    private static func pssDigest(_ parameters: ASN1Node?) -> ASN1ObjectIdentifier? {
        guard let parameters else { return nil }
        return try? DER.sequence(parameters, identifier: .sequence) { nodes in
            let digest = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) { node in
                try DER.sequence(node, identifier: .sequence) { nodes in
                    let digest = try ASN1ObjectIdentifier(derEncoded: &nodes)
                    _ = nodes.next()
                    return digest
                }
            }
            while nodes.next() != nil {}
            return digest
        }
    }
}
