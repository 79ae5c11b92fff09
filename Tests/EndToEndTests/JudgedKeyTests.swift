import ChildProcess
import Foundation
import SoftHSMTokens
import Testing

/// Keys, requests and signatures of the command line, judged by other programs.
struct JudgedKeyTests {
    static let types = [
        ["--kty", "EC", "--crv", "P-256"], ["--kty", "EC", "--crv", "P-384"], ["--kty", "EC", "--crv", "P-521"],
        ["--kty", "RSA", "--size", "2048"], ["--kty", "RSA", "--size", "3072"], ["--kty", "RSA", "--size", "4096"],
        ["--kty", "OKP", "--crv", "Ed25519"],
    ]

    @Test(arguments: types)
    func opensslAcceptsTheRequestOfASoftwareKey(_ type: [String]) async throws {
        let place = try await Workplace()
        try await place.run(["generate", "file:key.pem", "--no-passphrase"] + type)
        try await place.run(["csr", "file:key.pem", "--subject", "CN=judged", "--out", "key.csr"])
        let judged = try await place.system("openssl", ["req", "-verify", "-noout", "-in", "key.csr"])
        #expect(judged.description.contains("verify OK"), "\(judged)")
    }

    @Test(arguments: types)
    func opensslAcceptsTheRequestOfAKeyInSoftHSM(_ type: [String]) async throws {
        let place = try await Workplace()
        let token = SoftHSM.shared.makeToken(label: "end to end")
        try place.write(token.pin, "pin")
        let common = ["--pin-source", "pin"]
        let made = try await place.run(["generate", token.uri("object=key")] + type + common)
        let uri = made.outputText.trimmingCharacters(in: .newlines)
        try await place.run(["csr", uri, "--subject", "CN=judged", "--out", "key.csr"] + common)
        let judged = try await place.system("openssl", ["req", "-verify", "-noout", "-in", "key.csr"])
        #expect(judged.description.contains("verify OK"), "\(judged)")
    }
}
