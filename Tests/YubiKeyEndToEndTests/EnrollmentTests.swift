import ChildProcess
import DevelopmentController
import Foundation
import Testing
import VirtualYubiKey

/// Enrolling with a key in the YubiKey, and logging in with it over mutual TLS.
@Suite(.serialized)
struct EnrollmentTests {
    static let firmwares = [FirmwareVersion.v5_4_3, .v5_7_1]
    static let types = [["--kty", "EC", "--crv", "P-256"], ["--kty", "RSA", "--size", "2048"]]
    /// References to 9a of which the direct path is to make use.
    static let direct = ["piv:serial=112233;slot=9a", "pkcs11:serial=112233;id=%01?backend=piv"]

    @Test(arguments: firmwares, types)
    func aKeyThatWasMadeBeforeIsEnrolledAndLogsIn(_ firmware: FirmwareVersion, _ type: [String]) async throws {
        let place = try await KeyPlace(firmware)
        for (index, reference) in Self.direct.enumerated() {
            let made = try await place.run(["generate", reference] + type + KeyPlace.secrets)
            #expect(made.outputText == "piv:serial=112233;slot=9a\n")
            let enrollment = try place.makeJWT("gateway-\(index)")
            let file = "gateway-\(index).json"
            try await place.run(["enroll", "-j", "gateway-\(index).jwt", "--key", reference] + KeyPlace.secrets)
            try await place.authenticate(file, as: enrollment, with: .authentication)
            try await place.expectCertificate(of: file, in: .authentication)
            #expect(try place.identity(file, "key") == "piv:serial=112233;slot=9a")
            place.expectNoSecret(in: try place.text(file))
            place.expectNoTryLost()
            place.empty(.authentication)
        }
    }

    @Test(arguments: firmwares, types)
    func aKeyIsMadeForTheEnrollmentWithItsPolicies(_ firmware: FirmwareVersion, _ type: [String]) async throws {
        let place = try await KeyPlace(firmware)
        for (index, reference) in Self.direct.enumerated() {
            let enrollment = try place.makeJWT("gateway-\(index)")
            let file = "gateway-\(index).json"
            try await place.run(
                ["enroll", "-j", "gateway-\(index).jwt", "--generate", "--key", reference, "--pin-policy", "once"]
                    + type
                    + KeyPlace.secrets)
            try await place.authenticate(file, as: enrollment, with: .authentication)
            try await place.expectCertificate(of: file, in: .authentication)
            place.expectNoSecret(in: try place.text(file))
            place.expectNoTryLost()
            let listed = try await place.run(["list", "piv:slot=9a", "--json"])
            #expect(listed.outputText.contains("once"), "\(listed)")
            place.empty(.authentication)
        }
    }

    @Test(arguments: firmwares, [KeyAlgorithm.p256, .rsa2048])
    func aKeyIsEnrolledThroughEitherModule(_ firmware: FirmwareVersion, _ algorithm: KeyAlgorithm) async throws {
        let place = try await KeyPlace(firmware) { key in
            key.putCHUID()
            try key.generate(algorithm, in: .authentication)
            // OpenSC shows no key without one.
            try key.putCertificate(in: .authentication, commonName: "somebody")
        }
        for module in PKCS11Module.allCases {
            let enrollment = try place.makeJWT("\(module)")
            try await place.run(
                ["enroll", "-j", "\(module).jwt", "--key", module.reference(id: "%01"), "--pin-source", "pin"])
            try await place.authenticate("\(module).json", as: enrollment, with: .authentication)
            place.expectNoSecret(in: try place.text("\(module).json"))
            place.expectNoTryLost()
        }
    }

    @Test func withoutTheManagementKeyOnlyTheCertificateIsNotStored() async throws {
        let place = try await KeyPlace { try $0.generate(.p256, in: .authentication) }
        let enrollment = try place.makeJWT("gateway")
        let outcome = try await place.run(
            ["enroll", "-j", "gateway.jwt", "--key", "piv:slot=9a", "--pin-source", "pin"])
        #expect(outcome.errorText.contains("could not be stored"), "\(outcome)")
        #expect(place.key.certificate(in: .authentication) == nil)
        try await place.authenticate("gateway.json", as: enrollment, with: .authentication)
    }

    @Test func aKeyThatIsThereIsNotReplaced() async throws {
        let place = try await KeyPlace { try $0.generate(.p256, in: .authentication) }
        let publicKey = try place.key.publicKeyDER(in: .authentication)
        try place.makeJWT("gateway")
        let arguments = ["enroll", "-j", "gateway.jwt", "--key", "piv:slot=9a"] + KeyPlace.secrets
        let refused = try await place.run(arguments + ["--generate"], status: nil)
        #expect(refused.status != 0 && refused.errorText.contains("there is a key already"), "\(refused)")
        #expect(try place.key.publicKeyDER(in: .authentication) == publicKey)
        #expect(place.redemptions == 0)
        try await place.run(arguments)
    }
}
