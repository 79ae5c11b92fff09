import ChildProcess
import Foundation
import SoftHSMTokens
import Testing

/// Keys that OpenSSL made, in a file and in a token, compared; OpenSSL judges which key it is.
struct ComparedKeyTests {
    @Test(arguments: [
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"], ["-algorithm", "ED25519"],
    ])
    func aFileAndItsCopyInSoftHSMAreOneKey(_ type: [String]) async throws {
        let place = try await Workplace()
        let token = SoftHSM.shared.makeToken(label: "end to end")
        try place.write(token.pin, "pin")
        try place.write("a passphrase\n", "passphrase")
        try await place.system("openssl", ["genpkey", "-out", "plain.pem"] + type)
        try await place.system(
            "openssl", ["pkcs8", "-topk8", "-in", "plain.pem", "-out", "key.pem", "-passout", "file:passphrase"])
        chmod(place.path("key.pem"), 0o600)
        try await place.run(["import", token.uri("object=key"), "--in", "plain.pem", "--pin-source", "pin"])

        let compared = try await place.run([
            "compare", "file:key.pem", token.uri("object=key"), "--passphrase-source", "passphrase", "--pin-source",
            "pin", "--count", "2", "--json", "--plot", "latency.svg",
        ])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(compared.output)) as? [String: Any])
        let items = try #require(object["compare"] as? [[String: Any]])
        #expect(items.map { $0["backend"] as? String } == ["file", "pkcs11"])

        try await place.system(
            "openssl", ["pkey", "-in", "plain.pem", "-pubout", "-outform", "DER", "-out", "key.der"])
        let digest = try await place.system("openssl", ["dgst", "-sha256", "-r", "key.der"]).outputText.prefix(64)
        for item in items { #expect(item["sha256"] as? String == String(digest)) }
        #expect(FileManager.default.fileExists(atPath: place.path("latency.svg")))
    }
}
