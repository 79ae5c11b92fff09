import KeyStoreCore
import KeyStoreVerification
import SwiftASN1
import X509

/// A certificate request signed with RSASSA-PSS, which swift-certificates cannot make. For keys that have nothing else.
struct PSSCertificateRequest {
    private static let rsassaPSS: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 10]
    private static let mgf1: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 8]

    let subject: DistinguishedName
    let publicKey: PublicKey
    let algorithm: SignatureAlgorithm

    /// Signs the request with the key and checks the signature. Throws `KeyStoreError`, and what SwiftASN1 throws.
    func sign(with key: any Key) async throws -> [UInt8] {
        let info = try requestInfo()
        let signature = try await key.sign(info, using: algorithm)
        guard publicKey.isValidSignature(signature, of: info, using: algorithm) else {
            throw KeyStoreError(.invalidReply, "the token's signature of the request does not verify")
        }
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { coder in
            coder.serializeRawBytes(info)
            try appendAlgorithmIdentifier(to: &coder)
            try coder.serialize(ASN1BitString(bytes: signature[...]))
        }
        return serializer.serializedBytes
    }

    /// CertificationRequestInfo (RFC 2986 §4.1) without attributes.
    private func requestInfo() throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { coder in
            try coder.serialize(0)
            try coder.serialize(subject)
            coder.serializeRawBytes(publicKey.der)
            coder.appendConstructedNode(identifier: ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)) { _ in
            }
        }
        return serializer.serializedBytes
    }

    /// RSASSA-PSS-params (RFC 4055 §3.1), with the mask generation's hash and the salt's length as TLS has them.
    private func appendAlgorithmIdentifier(to coder: inout DER.Serializer) throws {
        guard let hash = algorithm.hash else {
            throw KeyStoreError(.unsupportedMechanism, "\(algorithm) has no hash")
        }
        let hashIdentifier: ASN1ObjectIdentifier =
            switch hash {
            case .sha256: [2, 16, 840, 1, 101, 3, 4, 2, 1]
            case .sha384: [2, 16, 840, 1, 101, 3, 4, 2, 2]
            case .sha512: [2, 16, 840, 1, 101, 3, 4, 2, 3]
            }
        func appendHash(to coder: inout DER.Serializer) throws {
            try coder.appendConstructedNode(identifier: .sequence) { coder in
                try coder.serialize(hashIdentifier)
                try coder.serialize(ASN1Null())
            }
        }
        func tagged(_ number: UInt) -> ASN1Identifier {
            ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
        }

        try coder.appendConstructedNode(identifier: .sequence) { coder in
            try coder.serialize(Self.rsassaPSS)
            try coder.appendConstructedNode(identifier: .sequence) { coder in
                try coder.appendConstructedNode(identifier: tagged(0)) { try appendHash(to: &$0) }
                try coder.appendConstructedNode(identifier: tagged(1)) { coder in
                    try coder.appendConstructedNode(identifier: .sequence) { coder in
                        try coder.serialize(Self.mgf1)
                        try appendHash(to: &coder)
                    }
                }
                try coder.appendConstructedNode(identifier: tagged(2)) { try $0.serialize(hash.digestLength) }
            }
        }
    }
}
