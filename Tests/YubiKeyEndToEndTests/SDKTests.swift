import ChildProcess
import DevelopmentController
import Foundation
import OpenSSL
import Testing
import VirtualYubiKey

/// Identity files for OpenZiti's SDKs, whose references lead through ykcs11 or, where the file was made with that, OpenSC.
///
/// The SDKs list the module's slots, take the first with a token, log in, find the private and the public key by id, and sign.
/// pkcs11-tool does the same here. The C SDK that judges other identity files does not judge these: the last build of it that
/// is to be had (libziti 0.29.3, with mbed TLS) opens no slot that is not named, which ykcs11 refuses before its slots were
/// listed, and it crashes with an EC key of any module.
@Suite(.serialized)
struct SDKTests {
    @Test(
        arguments: [
            (KeyAlgorithm.p256, "piv:serial=112233;slot=9a"), (.rsa2048, "piv:serial=112233;slot=9a"),
            (.p256, PKCS11Module.ykcs11.reference(id: "%01")), (.p256, PKCS11Module.openSC.reference(id: "%01")),
        ])
    func aReferenceLeadsToTheKeyAsTheSDKsFollowIt(_ algorithm: KeyAlgorithm, from store: String) async throws {
        let place = try await KeyPlace {
            try $0.generate(algorithm, in: .authentication)
            // OpenSC shows keys by their certificates, on cards that have a GUID.
            $0.putCHUID()
            _ = try $0.putCertificate(in: .authentication, commonName: "gateway")
        }
        let enrollment = try place.makeJWT("gateway")
        let outcome = try await place.run(
            ["enroll", "-j", "gateway.jwt", "--key", store, "--sdk-compatible"]
                + KeyPlace.secrets)
        #expect(outcome.errorText.contains("holds the token's PIN"), "\(outcome)")
        #expect(try place.folder.mode("gateway.json") == 0o600)

        let reference = try place.identity("gateway.json", "key")
        let parts = reference.dropFirst("pkcs11://".count).split(separator: "?")
        try #require(reference.hasPrefix("pkcs11:///") && parts.count == 2, "\(reference)")
        var fields: [Substring: Substring] = [:]
        for field in parts[1].split(separator: "&") {
            let pair = field.split(separator: "=")
            fields[pair[0]] = pair.last
        }
        #expect(Set(fields.keys) == ["id", "pin"])
        let id = String(try #require(fields["id"]))
        let follow = [
            "--module", String(parts[0]), "--login", "--pin", String(try #require(fields["pin"])), "--id", id,
        ]

        try place.folder.write("message", "to be signed")
        let mechanism =
            algorithm == .p256
            ? ["ECDSA-SHA256", "--signature-format", "openssl"] : ["SHA256-RSA-PKCS"]
        try await place.system(
            "pkcs11-tool", follow + ["--sign", "-i", "message", "-o", "signature", "-m"] + mechanism)
        let publicKey = try #require(try place.key.publicKeyDER(in: .authentication))
        #expect(
            try OpenSSLCommand.verifies(
                place.folder.read("signature"), of: place.folder.read("message"), publicKey: publicKey, hash: "sha256"))
        try await place.system("pkcs11-tool", follow + ["--read-object", "--type", "pubkey", "-o", "public"])
        #expect(try place.folder.read("public") == publicKey)

        // The controller sees the same key where the file is read by the PKCS#11 backend.
        try await place.authenticate("gateway.json", as: enrollment, with: .authentication)
        place.expectNoTryLost()
    }

    @Test(arguments: [
        "piv:serial=445566;slot=9a",
        PKCS11Module.ykcs11.reference(id: "%01").replacing("pkcs11:", with: "pkcs11:serial=445566;"),
    ])
    func aReferenceIsNotMadeWhereTheSDKsWouldTakeAnotherKey(from store: String) async throws {
        let place = try await KeyPlace { try $0.generate(.p256, in: .authentication) }
        let second = try YubiKey(serial: 445_566)
        second.setPIN(KeyPlace.pin)
        try second.generate(.p256, in: .authentication)
        try second.plug(intoPort: place.daemon.ports[1])
        defer { second.unplug() }
        let enrollment = try place.makeJWT("gateway")
        let arguments = ["enroll", "-j", "gateway.jwt", "--key", store] + KeyPlace.secrets
        let refused = try await place.run(arguments + ["--sdk-compatible"], status: 69)
        #expect(refused.errorText.contains("another one; unplug it"), "\(refused)")
        #expect(place.redemptions == 0)
        try await place.run(arguments)
        let before = place.controller.apiSessions.count
        try await place.run(["authenticate", "gateway.json", "--pin-source", "pin"])
        #expect(place.controller.apiSessions.count == before + 1)
        #expect(place.controller.apiSessions.last?.identityID == enrollment.identityID)
    }
}
