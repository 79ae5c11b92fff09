import Crypto
import Foundation
import KeyStoreCore
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
