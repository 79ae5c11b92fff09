import Crypto
import KeyStoreCore
import SwiftASN1
import X509

/// A certificate for the key that is attested.
///
/// swift-certificates reads no certificate whose key signs nothing, and so none for X25519. Of such a one it is given a copy in
/// which the key is an Ed25519 key of the same 32 bytes: two object identifiers that differ in their last byte (RFC 8410 §3).
/// The copy says everything else that the certificate says. Its signature is that of the original, and is checked against
/// the original's bytes only.
struct AttestedCertificate: Sendable {
    /// The certificate, or the copy.
    let certificate: Certificate
    /// The key that it is for.
    let publicKey: KeyStoreCore.PublicKey
    /// Of an original of which `certificate` is a copy, the bytes that are signed (RFC 5280 §4.1.1.3).
    let signedBytes: [UInt8]?

    /// Nil for what cannot be read.
    init?(der: [UInt8]) {
        if let certificate = try? Certificate(derEncoded: der) {
            var serializer = DER.Serializer()
            guard (try? serializer.serialize(certificate.publicKey)) != nil,
                let publicKey = try? KeyStoreCore.PublicKey(der: serializer.serializedBytes)
            else { return nil }
            self.init(certificate: certificate, publicKey: publicKey, signedBytes: nil)
            return
        }
        guard let fields = try? Fields(der: der), let publicKey = try? KeyStoreCore.PublicKey(der: fields.publicKey),
            publicKey.type == .x25519, let certificate = try? Certificate(derEncoded: fields.copy(of: der))
        else { return nil }
        self.init(certificate: certificate, publicKey: publicKey, signedBytes: fields.signed)
    }

    private init(certificate: Certificate, publicKey: KeyStoreCore.PublicKey, signedBytes: [UInt8]?) {
        self.certificate = certificate
        self.publicKey = publicKey
        self.signedBytes = signedBytes
    }

    /// Whether the issuer's key made the signature.
    func isSigned(by issuer: Certificate) -> Bool {
        guard let signedBytes else {
            return issuer.publicKey.isValidSignature(certificate.signature, for: certificate)
        }
        return issuer.publicKey.isValidSignature(
            certificate.signature.rawRepresentation, for: signedBytes,
            signatureAlgorithm: certificate.signatureAlgorithm)
    }

    /// Where the parts of a certificate (RFC 5280 §4.1) stand.
    private struct Fields {
        /// What is signed.
        let signed: [UInt8]
        /// The SubjectPublicKeyInfo.
        let publicKey: [UInt8]
        /// Where that begins.
        let offset: Int

        /// Throws for what has other parts.
        init(der: [UInt8]) throws {
            let parts = try DER.sequence(try DER.parse(der), identifier: .sequence) { nodes in
                let contents = nodes.next()
                while nodes.next() != nil {}
                return contents
            }
            guard let parts else { throw ASN1Error.invalidASN1Object(reason: "no contents") }
            let version = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
            let key = try DER.sequence(parts, identifier: .sequence) { nodes in
                // The version and the serial number, the signature's algorithm, issuer, validity, subject, key.
                var before = 5
                var node = nodes.next()
                if node?.identifier == version { node = nodes.next() }
                while before > 0, node != nil {
                    node = nodes.next()
                    before -= 1
                }
                while nodes.next() != nil {}
                return node?.encodedBytes
            }
            guard let key else { throw ASN1Error.invalidASN1Object(reason: "no key") }
            signed = Array(parts.encodedBytes)
            publicKey = Array(key)
            // A slice of what was parsed, and with its indices.
            offset = key.startIndex
        }

        /// The copy with an Ed25519 key.
        func copy(of der: [UInt8]) throws -> [UInt8] {
            let identifier = offset + 8
            guard der.count >= offset + publicKey.count, Array(der[offset..<offset + publicKey.count]) == publicKey,
                der[identifier] == 0x6E
            else { throw ASN1Error.invalidASN1Object(reason: "no X25519 key") }
            var copy = der
            copy[identifier] = 0x70
            return copy
        }
    }
}
