import KeyStoreCore
import SwiftASN1
import X509

extension IdentityFile {
    /// The identity's certificate in words.
    public func certificate() throws(EnrollmentError) -> IdentityCertificate { IdentityCertificate(try leaf()) }

    /// The identity's certificate and its intermediates in words, in the order of the file.
    public var chain: [IdentityCertificate] { Self.words(certificates) }

    /// The authorities in words, in the order of the file.
    public var authorityChain: [IdentityCertificate] { Self.words(authorities) }

    private static func words(_ certificates: [[UInt8]]) -> [IdentityCertificate] {
        certificates.compactMap { (try? Certificate(derEncoded: $0)).map { IdentityCertificate($0) } }
    }

    /// What the key may sign with: what its store names, without that in which it has failed.
    func algorithms(of key: KeyInfo) -> [SignatureAlgorithm] {
        key.algorithms.filter { extras.algorithms?.contains($0) ?? true }
    }

    /// The identity's certificate. Throws `identityInvalid`, though reading the file has parsed it once.
    func leaf() throws(EnrollmentError) -> Certificate {
        guard let der = certificates.first, let leaf = try? Certificate(derEncoded: der) else {
            throw EnrollmentError(.identityInvalid, "the identity file holds no certificate")
        }
        return leaf
    }
}
