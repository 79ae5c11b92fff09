import ChildProcess
import Foundation
import OpenSSL
import Testing
import VirtualYubiKey

/// Keys that agree with X25519, through the command line.
@Suite(.serialized)
struct AgreementTests {
    private let reference = "piv:serial=112233;slot=9d"

    @Test func aKeyIsMadeShownUsedAndAttested() async throws {
        let place = try await KeyPlace(.v5_7_1)
        try place.folder.write("root.pem", place.key.attestationRootPEM())
        let made = try await place.run(["generate", reference, "--kty", "OKP", "--crv", "X25519"] + KeyPlace.secrets)
        #expect(made.outputText == reference + "\n", "\(made)")
        let listed = try await place.run(["list", reference])
        #expect(listed.outputText.contains("\tX25519\t"), "\(listed)")
        let shown = try await place.run(["public", reference])
        try place.folder.write("ours.pem", shown.outputText)
        let der = try OpenSSLCommand.run(["pkey", "-pubin", "-outform", "DER"], input: Array(shown.outputText.utf8))
        #expect(try place.key.publicKeyDER(in: .keyManagement) == der)
        let jwk = try await place.run(["public", reference, "--format", "jwk"])
        #expect(jwk.outputText.hasPrefix(#"{"crv":"X25519","kty":"OKP","x":""#), "\(jwk)")

        try await agree(place)
        try await place.run(["attest", reference, "-o", "bundle.json"])
        let proven = try await place.run(
            ["verify-attestation", "bundle.json", "--root", "root.pem", "--serial", "112233"])
        #expect(proven.outputText.contains("slot 9d"), "\(proven)")
        place.expectNoTryLost()
    }

    @Test func aKeyFromOutsideIsUsedAndACertificateStandsBesideIt() async throws {
        let place = try await KeyPlace(.v5_7_1)
        try await place.system("openssl", ["genpkey", "-algorithm", "X25519", "-out", "in.pem"])
        let arguments = ["import", reference, "--in", "in.pem"] + KeyPlace.secrets
        let refused = try await place.run(arguments, status: 69)
        #expect(refused.errorText.contains("X25519 keys do not sign"), "\(refused)")
        try await place.run(arguments + ["--use", "derive"])
        let shown = try await place.run(["public", reference])
        #expect(try await place.system("openssl", ["pkey", "-in", "in.pem", "-pubout"]).outputText == shown.outputText)
        try place.folder.write("ours.pem", shown.outputText)
        try await agree(place)

        let certificate = try await issue(place, "ours.pem")
        try place.folder.write("certificate.pem", certificate)
        try await place.run(["certificate", "put", reference, "--in", "certificate.pem"] + KeyPlace.secrets)
        #expect(try await place.run(["certificate", "get", reference]).outputText == certificate)
        place.expectNoTryLost()
    }

    @Test func whatSignsOrIsOfAnotherTypeIsRefusedInAWordAboutTheKey() async throws {
        let place = try await KeyPlace(.v5_7_1) {
            try $0.generate(.x25519, in: .keyManagement)
            try $0.generate(.p256, in: .authentication)
        }
        for arguments in [["csr", reference, "--subject", "CN=x"], ["sign", reference, "--in", "pin"]] {
            let refused = try await place.run(arguments + ["--pin-source", "pin"], status: 69)
            #expect(refused.errorText.contains("X25519"), "\(refused)")
        }
        try place.folder.write("p256.pem", try await place.run(["public", "piv:slot=9a"]).outputText)
        let refused = try await place.run(
            ["derive", reference, "--peer", "p256.pem", "--out", "secret", "--pin-source", "pin"], status: 65)
        #expect(refused.errorText.contains("EC P-256"), "\(refused)")
        #expect(!place.folder.exists("secret"))
        place.expectNoTryLost()
    }

    @Test func anOlderFirmwareMakesNone() async throws {
        let place = try await KeyPlace()
        let refused = try await place.run(["generate", reference, "--crv", "X25519"] + KeyPlace.secrets, status: 69)
        #expect(refused.errorText.contains("firmware 5.4.3 make no X25519 keys"), "\(refused)")
    }

    /// That the secret is the one that OpenSSL derives, with the other's public key and with a certificate for it.
    private func agree(_ place: KeyPlace) async throws {
        try await place.system("openssl", ["genpkey", "-algorithm", "X25519", "-out", "peer.key"])
        let publicKey = try await place.system("openssl", ["pkey", "-in", "peer.key", "-pubout"]).output
        try place.folder.write("peer.pem", publicKey)
        try place.folder.write("peer-certificate.pem", try await issue(place, "peer.pem"))
        let expected = try await place.system(
            "openssl", ["pkeyutl", "-derive", "-inkey", "peer.key", "-peerkey", "ours.pem"]
        ).output
        for peer in ["peer.pem", "peer-certificate.pem"] {
            try await place.run(
                ["derive", reference, "--peer", peer, "--out", "\(peer).secret", "--pin-source", "pin"])
            #expect(try place.folder.read("\(peer).secret") == expected, "\(peer)")
        }
    }

    /// A certificate for a public key in PEM, by a passing authority.
    private func issue(_ place: KeyPlace, _ publicKey: String) async throws -> String {
        try await place.system(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
                "-out", "ca.pem", "-subj", "/CN=ca",
            ])
        return try await place.system(
            "openssl",
            [
                "x509", "-new", "-force_pubkey", publicKey, "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=x",
            ]
        ).outputText
    }
}
