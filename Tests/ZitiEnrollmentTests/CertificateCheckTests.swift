import Crypto
import Foundation
import KeyStoreCore
import SwiftASN1
import Testing
import X509

@testable import ZitiEnrollment

struct CertificateCheckTests {
    private let authority: TestAuthority
    private let key = P256.Signing.PrivateKey()

    init() throws { authority = try TestAuthority() }

    private func check(_ leaf: Certificate, trust: ControllerTrust? = nil) async throws(EnrollmentError) {
        do {
            try await CertificateCheck(
                identityID: "id1", publicKey: PublicKey(der: Array(key.publicKey.derRepresentation)),
                trust: trust ?? authority.trust
            ).check(leaf, intermediates: [])
        } catch let error as EnrollmentError {
            throw error
        } catch {
            throw EnrollmentError(.defect, "\(error)")
        }
    }

    /// Expects a refusal with a word in it that no other refusal has.
    private func expectMismatch(_ leaf: Certificate, _ word: String, trust: ControllerTrust? = nil) async {
        let error = await #expect(throws: EnrollmentError.self) { try await check(leaf, trust: trust) }
        #expect(error?.code == .certificateMismatch)
        #expect(error?.message.contains(word) == true, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.group == .tokenSpent)
    }

    @Test func anAuthorityThatExpiredIsNamedWithThat() async throws {
        let name = try DistinguishedName {
            OrganizationName("network")
            CommonName("old root")
        }
        let issuer = P256.Signing.PrivateKey()
        let root = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(issuer.publicKey), notValidBefore: .now - 7200,
            notValidAfter: .now - 3600, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) },
            issuerPrivateKey: .init(issuer))
        let leaf = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: .now - 60,
            notValidAfter: .now + 3600, issuer: name, subject: try DistinguishedName { CommonName("id1") },
            signatureAlgorithm: .ecdsaWithSHA256, extensions: .init(), issuerPrivateKey: .init(issuer))
        let trust = try ControllerTrust(authorities: [root.derBytes])
        let error = try await #require(throws: EnrollmentError.self) {
            try await trust.verifyIssued(leaf: leaf, presented: [])
        }
        #expect(error.message.hasSuffix("'CN=old root,O=network' has expired"), "\(error.message)")
    }

    @Test func criticalPoliciesPassAndWhatDemandsOneOrIsNotKnownDoesNot() async throws {
        func leaf(_ identifier: ASN1ObjectIdentifier, _ value: [UInt8]) throws -> Certificate {
            try authority.issue(key.publicKey) {
                Certificate.Extension(oid: identifier, critical: true, value: value[...])
            }
        }
        // The policy 1.2.3.4; no policy that stands for any.
        try await check(leaf([2, 5, 29, 32], [0x30, 0x07, 0x30, 0x05, 0x06, 0x03, 0x2A, 0x03, 0x04]))
        try await check(leaf([2, 5, 29, 54], [0x02, 0x01, 0x00]))
        for (identifier, value) in [
            ([2, 5, 29, 36], [0x30, 0x03, 0x80, 0x01, 0x00]), ([1, 2, 3, 4, 5], [0x05, 0x00]),
        ] as [(ASN1ObjectIdentifier, [UInt8])] {
            await expectMismatch(try leaf(identifier, value), "does not lead to")
        }
    }

    @Test func aCertificateForOurKeyAndIdentityPasses() async throws {
        try await check(
            authority.issue(key.publicKey) {
                try ExtendedKeyUsage([.clientAuth])
                SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://network/identity/id1")])
            })
    }

    @Test func aCertificateThatDoesNotLimitItsUsesPasses() async throws {
        try await check(authority.issue(key.publicKey) { BasicConstraints.notCertificateAuthority })
    }

    @Test func aCertificateForServersIsRefused() async throws {
        try await expectMismatch(
            authority.issue(key.publicKey) { try ExtendedKeyUsage([.serverAuth]) }, "not for clients")
    }

    @Test func anAuthoritysCertificateIsRefused() async throws {
        try await expectMismatch(
            authority.issue(key.publicKey) { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) },
            "an authority's")
    }

    @Test func aCertificateOfAnotherIdentityIsRefused() async throws {
        try await expectMismatch(
            authority.issue(key.publicKey) {
                SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://network/identity/id2")])
            }, "another identity")
    }

    @Test func aCertificateForAnotherKeyIsRefused() async throws {
        try await expectMismatch(
            authority.issue(P256.Signing.PrivateKey().publicKey) { try ExtendedKeyUsage([.clientAuth]) }, "another key")
    }

    @Test func anExpiredCertificateIsRefused() async throws {
        try await expectMismatch(
            authority.issue(key.publicKey, from: .now - 120, until: .now - 60) { try ExtendedKeyUsage([.clientAuth]) },
            "expired")
    }

    @Test func aCertificateOfAnotherAuthorityIsRefused() async throws {
        let leaf = try authority.issue(key.publicKey) { try ExtendedKeyUsage([.clientAuth]) }
        await expectMismatch(leaf, "authorities", trust: try TestAuthority().trust)
    }
}
