import Crypto
import DevelopmentController
import Foundation
import KeyStoreCore
import TemporaryFiles
import Testing
import X509

@testable import ZitiEnrollment

struct IdentityCheckTests {
    private func source(_ rig: Rig) -> KeySource { KeySource(store: rig.store, pin: .none) }

    /// The verdict on one subject.
    private func verdict(
        _ subject: IdentityFinding.Subject, _ findings: [IdentityFinding]
    ) -> IdentityFinding.Verdict? { findings.first { $0.subject == subject }?.verdict }

    @Test func anIdentityThatWorksPassesEveryCheck() async throws {
        let rig = try await Rig.enrolled()
        let check = IdentityCheck(try rig.identity(), path: rig.output)
        let findings =
            await check.findings() + check.keyFindings(source(rig)) + [check.controllerFinding(source(rig))]
        #expect(findings.allSatisfy { $0.verdict == .passed }, "\(findings)")
        #expect(findings.map(\.subject) == [.file, .validity, .chain, .key, .certificate, .controller])
        #expect(findings.last?.text.contains("laptop") == true)
        try await rig.controller.shutdown()
    }

    @Test func datesAreJudgedByTheClock() async throws {
        let rig = try await Rig.enrolled()
        let check = IdentityCheck(try rig.identity())
        let day = 86_400.0
        for (offset, expected) in [
            (-2 * day, IdentityFinding.Verdict.failed), (0, .passed), (340 * day, .warning), (400 * day, .failed),
        ] {
            let findings = await check.findings(at: Date().addingTimeInterval(offset))
            #expect(verdict(.validity, findings) == expected)
            #expect(verdict(.chain, findings) == .passed, "the dates are not the chain's business")
        }
        try await rig.controller.shutdown()
    }

    @Test func aCertificateOfNoAuthorityInTheFileIsAWarningAndAForgedOneAFailure() async throws {
        let rig = try await Rig.enrolled()
        var identity = try rig.identity()
        let own = identity.authorities
        identity.authorities = [try TestAuthority().certificate.derBytes]
        #expect(verdict(.chain, await IdentityCheck(identity).findings()) == .warning)
        let root = try #require(try own.map { try Certificate(derEncoded: $0) }.first { $0.isRoot })
        let impostor = P256.Signing.PrivateKey()
        identity.authorities = [
            try Certificate(
                version: .v3, serialNumber: .init(), publicKey: .init(impostor.publicKey), notValidBefore: .now - 60,
                notValidAfter: .now + 1e6, issuer: root.subject, subject: root.subject,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try .init { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) },
                issuerPrivateKey: .init(impostor)
            ).derBytes
        ]
        let forged = try #require(await IdentityCheck(identity).findings().first { $0.subject == .chain })
        #expect(forged.verdict == .failed)
        #expect(forged.error?.code == .identityInvalid, "no token was spent for it")
        try await rig.controller.shutdown()
    }

    @Test func authoritiesWithoutARootAreTheFilesFault() async throws {
        let rig = try await Rig.enrolled()
        var identity = try rig.identity()
        identity.authorities = try identity.authorities.filter { try !Certificate(derEncoded: $0).isRoot }
        #expect(identity.authorities.count == 1)
        let finding = try #require(await IdentityCheck(identity).findings().first { $0.subject == .chain })
        #expect(finding.verdict == .failed)
        #expect(finding.error?.code == .identityInvalid)
        #expect(finding.hint.contains("id.ca"))
        try await rig.controller.shutdown()
    }

    @Test func secretsInTheFileAndALeftRenewalAreWarnings() async throws {
        let rig = try await Rig.enrolled()
        var identity = try rig.identity()
        identity.key = "scheme://module?id=01&pin=topsecret"
        try rig.folder.write("identity.json.next")
        try rig.folder.setMode("identity.json", 0o644)
        let findings = await IdentityCheck(identity, path: rig.output).findings()
        #expect(verdict(.file, findings) == .warning)
        #expect(verdict(.renewal, findings) == .warning)
        #expect(findings.allSatisfy { !"\($0)".contains("topsecret") })
        #expect(findings.first?.text.contains("others") == true)
        try await rig.controller.shutdown()
    }

    @Test func anAbsentKeyAndAnotherKeyFailDifferently() async throws {
        let rig = try await Rig.enrolled()
        let check = IdentityCheck(try rig.identity())
        let empty = try ScriptedStore(Rig.freshURI())
        let absent = await check.keyFindings(KeySource(store: empty, pin: .none))
        #expect(absent.map(\.verdict) == [.failed])
        #expect(absent[0].error?.keyStoreError?.code == .noSuchKey)
        try await empty.makeKey(.ecP256)
        let other = await check.keyFindings(KeySource(store: empty, pin: .none))
        #expect(other.map(\.verdict) == [.passed, .failed])
        #expect(other[1].error?.code == .identityInvalid)
        try await rig.controller.shutdown()
    }

    @Test func aPrivateKeyInTheFileIsComparedWithTheCertificate() async throws {
        let rig = try await Rig.enrolled()
        var identity = try rig.identity()
        let authority = try TestAuthority()
        identity.certificates = [try authority.certificate.derBytes]
        for prefix in ["", "pem:"] {
            identity.key = prefix + authority.key.pemRepresentation
            #expect(IdentityCheck(identity).ownKeyFinding().verdict == .passed)
            identity.key = prefix + P256.Signing.PrivateKey().pemRepresentation
            let other = IdentityCheck(identity).ownKeyFinding()
            #expect(other.verdict == .failed)
            #expect(other.error?.code == .identityInvalid)
            identity.key = prefix + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
            #expect(IdentityCheck(identity).ownKeyFinding().verdict == .skipped)
        }
        try await rig.controller.shutdown()
    }

    @Test func theControllersWishIsAWarningAndItsRefusalAFailure() async throws {
        let rig = try await Rig.enrolled()
        let old = IdentityCheck(try rig.identity())
        try rig.controller.requestExtension(identityID: rig.enrollment.identityID)
        #expect(await old.controllerFinding(source(rig)).verdict == .warning)
        try await rig.renew()
        let finding = await old.controllerFinding(source(rig))
        #expect(finding.verdict == .failed)
        #expect(finding.error?.refusal?.code == "INVALID_AUTH")
        try await rig.controller.shutdown()
    }

    @Test func aCertificateIsToldInWords() async throws {
        let rig = try await Rig.enrolled(key: .ecP384)
        let certificate = try rig.identity().certificate()
        #expect(certificate.identityID == rig.enrollment.identityID)
        #expect(certificate.keyType == .ecP384)
        #expect(certificate.fingerprint.count == 40)
        #expect(certificate.subject.contains(rig.enrollment.identityID))
        #expect(try rig.identity().chain.count == rig.identity().certificates.count)
        try await rig.controller.shutdown()
    }
}
