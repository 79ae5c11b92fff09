import ChildProcess
import DevelopmentController
import Foundation
import OpenSSL
import Testing
import VirtualYubiKey

/// Enrollments that keep the key's attestation, or spend nothing without it.
@Suite(.serialized)
struct AttestationTests {
    /// A place with the root of the key's attestations in `root.pem`, another's in `other.pem`, and a JWT.
    private func prepare(
        _ firmware: FirmwareVersion = .v5_4_3, _ fill: (YubiKey) throws -> Void
    ) async throws -> (place: KeyPlace, enrollment: Enrollment) {
        let place = try await KeyPlace(firmware, fill)
        try place.folder.write("root.pem", place.key.attestationRootPEM())
        try place.folder.write("other.pem", YubiKey(root: AttestationRoot()).attestationRootPEM())
        return (place, try place.makeJWT("gateway"))
    }

    private let enroll = ["enroll", "-j", "gateway.jwt", "--key", "piv:serial=112233;slot=9a"] + KeyPlace.secrets
    private let verify = ["verify-attestation", "gateway.json.attestation.json", "--identity", "gateway.json"]

    @Test(arguments: EnrollmentTests.firmwares, [KeyAlgorithm.p256, .rsa2048])
    func theAttestationIsKeptAndVerifiedWithoutTheDevice(
        _ firmware: FirmwareVersion, _ algorithm: KeyAlgorithm
    ) async throws {
        let (place, enrollment) = try await prepare(firmware) { try $0.generate(algorithm, in: .authentication) }
        try await place.run(enroll + ["--attest"])
        try await place.authenticate("gateway.json", as: enrollment, with: .authentication)
        place.key.unplug()
        let proven = try await place.run(verify + ["--root", "root.pem", "--serial", "112233"])
        for words in [
            "serial 112233, firmware \(firmware)", "slot 9a", "PIN policy\tonce", "same key as\tgateway.json",
        ] { #expect(proven.outputText.contains(words), "\(words) in \(proven)") }
        try await place.run(verify + ["--root", "other.pem"], status: 65)
        try await place.run(verify + ["--root", "root.pem", "--serial", "7"], status: 66)
        try await place.run(verify + ["--root", "root.pem", "--touch-policy", "always"], status: 77)
    }

    @Test func anAttestationOfAnotherKeyIsRefused() async throws {
        let (place, _) = try await prepare {
            try $0.generate(.p256, in: .authentication)
            try $0.generate(.p256, in: .keyManagement)
        }
        try await place.run(enroll + ["--attest"])
        try await place.run(["attest", "piv:slot=9d", "-o", "other.json"])
        let arguments = ["verify-attestation", "other.json", "--root", "root.pem"]
        try await place.run(arguments)
        try await place.run(arguments + ["--identity", "gateway.json"], status: 66)
    }

    @Test(arguments: EnrollmentTests.firmwares)
    func aKeyThatWasMadeForItMeetsWhatIsRequired(_ firmware: FirmwareVersion) async throws {
        let (place, enrollment) = try await prepare(firmware) { _ in }
        try await place.run(
            enroll + [
                "--generate", "--require-attestation", "--root", "root.pem", "--pin-policy", "always",
                "--touch-policy", "cached", "--min-firmware", "5.4.3", "--serial", "112233",
            ])
        try await place.authenticate("gateway.json", as: enrollment, with: .authentication)
        let proven = try await place.run(verify + ["--root", "root.pem", "--pin-policy", "always"])
        #expect(proven.outputText.contains("touch policy\tcached"), "\(proven)")
        place.expectNoTryLost()
    }

    @Test func anImportedKeyIsRefusedAndTheTokenStaysGood() async throws {
        let pem = try OpenSSLCommand.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        let der = try OpenSSLCommand.run(["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], input: pem)
        let (place, enrollment) = try await prepare { try $0.importKey(pkcs8: der, in: .authentication) }
        try await expectRefusal(place, ["--root", "root.pem"], status: 77, code: "policyRefused")
        try await expectTokenIsGood(place, enrollment)
    }

    @Test func whatIsNotProvenIsRefusedAndTheTokenStaysGood() async throws {
        let (place, enrollment) = try await prepare { try $0.generate(.p256, in: .authentication) }
        let cases: [([String], Int32, String)] = [
            // The other root has the same name.
            (["--root", "other.pem"], 65, "attestationSignatureInvalid"),
            (["--root", "root.pem", "--serial", "7"], 66, "attestationOtherDevice"),
            (["--root", "root.pem", "--pin-policy", "always"], 77, "attestationPINPolicyTooWeak"),
            (["--root", "root.pem", "--touch-policy", "cached"], 77, "attestationTouchPolicyTooWeak"),
            (["--root", "root.pem", "--min-firmware", "5.7.0"], 77, "attestationFirmwareTooOld"),
        ]
        for (demands, status, code) in cases { try await expectRefusal(place, demands, status: status, code: code) }
        try await expectTokenIsGood(place, enrollment)
    }

    private func expectRefusal(_ place: KeyPlace, _ demands: [String], status: Int32, code: String) async throws {
        let refused = try await place.run(enroll + ["--require-attestation", "--json"] + demands, status: status)
        #expect(refused.errorText.contains("\"code\":\"\(code)\""), "\(refused)")
    }

    /// That nothing was sent, and that the token enrolls afterwards, with the same key.
    private func expectTokenIsGood(_ place: KeyPlace, _ enrollment: Enrollment) async throws {
        #expect(place.redemptions == 0)
        #expect(!place.folder.exists("gateway.json"))
        #expect(!place.folder.exists("gateway.json.attestation.json"))
        try await place.run(enroll)
        #expect(place.redemptions == 1)
        try await place.authenticate("gateway.json", as: enrollment, with: .authentication)
        place.expectNoTryLost()
    }
}
