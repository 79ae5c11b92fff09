import Crypto
import DevelopmentController
import Foundation
import SwiftASN1
import TemporaryFiles
import Testing
import X509

@testable import ZitiEnrollment

/// Authorities of an identity file and of a renewal, where they cannot all be kept, or are of no use.
struct RenewalAuthorityTests {
    private func authority(_ number: Int, until: Date = .now + 3600) throws -> [UInt8] {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("authority \(number)") }
        return try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: .now - 7200,
            notValidAfter: until, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) },
            issuerPrivateKey: .init(key)
        ).derBytes
    }

    private func extended(_ authorities: [[UInt8]]) throws -> ExtendedCertificate {
        let pem = CertificateList.pem(authorities)
        let body = try JSONSerialization.data(withJSONObject: ["data": ["clientCert": pem, "ca": pem]])
        return try ExtendedCertificate(
            ControllerAnswer(status: 200, contentType: "application/json", body: Array(body)))
    }

    @Test func wherePlaceRunsOutExpiredAuthoritiesGoAndElseThoseThatCame() async throws {
        let rig = try await Rig.enrolled()
        var identity = try rig.identity()
        let current = try (1...CertificateList.maximumCount - 1).map { try authority($0) }
        let expired = try authority(0, until: .now - 3600)
        let new = try authority(1000)
        let answer = try extended([new])

        identity.authorities = Array(current.dropLast()) + [expired]
        #expect(Set(try RenewalRun.trust(of: identity, with: answer).authorities) == Set(identity.authorities + [new]))
        identity.authorities = current + [expired]
        #expect(Set(try RenewalRun.trust(of: identity, with: answer).authorities) == Set(current + [new]))
        identity.authorities = current + [try authority(2000)]
        #expect(Set(try RenewalRun.trust(of: identity, with: answer).authorities) == Set(identity.authorities))
        try await rig.controller.shutdown()
    }

    @Test func authoritiesThatCannotJudgeARenewalAreFoundBeforeItIsAskedFor() async throws {
        let rig = try await Rig.enrolled()
        let sound = try rig.identity()
        var identity = sound
        // Only leaves: nothing that a chain could end in.
        identity.authorities = [try #require(sound.certificates.first)]
        try Data(identity.json()).write(to: URL(filePath: rig.output))
        let requestCount = rig.controller.requests.count
        let error = try await #require(throws: EnrollmentError.self) { try await rig.renew() }
        #expect(error.code == .identityInvalid)
        #expect(error.message.contains("cannot be used"))
        #expect(error.hint.contains("'id.ca'"))
        #expect(rig.controller.requests.count == requestCount)
        try Data(sound.json()).write(to: URL(filePath: rig.output))
        #expect(try await rig.renew().isRenewed)
        try await rig.controller.shutdown()
    }
}
