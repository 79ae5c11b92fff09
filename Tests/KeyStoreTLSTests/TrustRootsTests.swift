import Crypto
import Foundation
import SwiftASN1
import Testing
import X509

@testable import KeyStoreTLS

/// Which certificates TLS is given to trust.
struct TrustRootsTests {
    private let root = P256.Signing.PrivateKey()
    private let other = P256.Signing.PrivateKey()
    private static let day = 86_400.0

    private func certificate(
        _ subject: String, by issuer: String, from: Double = -1, until: Double = 1, key: P256.Signing.PrivateKey,
        uses: [ExtendedKeyUsage.Usage]? = nil
    ) throws -> [UInt8] {
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey),
            notValidBefore: .now + from * Self.day, notValidAfter: .now + until * Self.day,
            issuer: try DistinguishedName { CommonName(issuer) },
            subject: try DistinguishedName { CommonName(subject) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                if let uses { try ExtendedKeyUsage(uses) }
            }, issuerPrivateKey: .init(root))
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }

    @Test func ofARenewedAuthorityTheCurrentOneThatLastsLongestStays() throws {
        let expired = try certificate("root", by: "root", from: -9, until: -8, key: root)
        let current = try certificate("root", by: "root", until: 2, key: root)
        let longer = try certificate("root", by: "root", until: 3, key: root)
        let future = try certificate("root", by: "root", from: 1, until: 9, key: root)
        #expect(TrustRoots.usable([expired, current, longer, future]) == [longer])
        #expect(TrustRoots.usable([future, longer, current, expired]) == [longer])
        #expect(TrustRoots.usable([current, current]) == [current])
    }

    @Test func whatHasNoSuccessorStaysWhateverItsDates() throws {
        let expired = try certificate("root", by: "root", from: -9, until: -8, key: root)
        let future = try certificate("root", by: "root", from: 1, until: 9, key: other)
        let crossed = try certificate("root", by: "elsewhere", key: root)
        #expect(TrustRoots.usable([expired, future, crossed]) == [expired, future, crossed])
    }

    @Test func anIntermediateForOtherPurposesThanServersIsLeftOut() throws {
        let uses: [([ExtendedKeyUsage.Usage]?, Bool)] = [
            (nil, true), ([.serverAuth], true), ([.any], true), ([.clientAuth, .serverAuth], true),
            ([.clientAuth], false),
        ]
        for (uses, stays) in uses {
            let intermediate = try certificate("signing", by: "root", key: other, uses: uses)
            #expect(TrustRoots.usable([intermediate]) == (stays ? [intermediate] : []))
        }
        let top = try certificate("root", by: "root", key: root, uses: [.clientAuth])
        #expect(TrustRoots.usable([top]) == [top])
    }

    @Test func whatIsNoCertificateIsLeftToBeRefused() { #expect(TrustRoots.usable([[1, 2, 3]]) == [[1, 2, 3]]) }
}
