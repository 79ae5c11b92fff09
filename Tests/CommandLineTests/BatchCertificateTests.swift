import DevelopmentController
import Testing

/// Rows of a batch that enroll with the certificate of a third party.
struct BatchCertificateTests {
    /// A place with an authority that the controller knows, and its id. It has certified the key in a file and the one on a
    /// token: `file.crt` and `token.crt`.
    private func prepare() async throws -> (place: BatchPlace, authority: String) {
        let place = try await BatchPlace()
        let line = place.line
        try await line.makeToken()
        let keys = [("file", line.file("fleet/keys/a.pem")), ("token", "pkcs11:token=demo;object=b")]
        try await line.tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "partner.key", "-out", "partner.pem", "-days", "2", "-subj", "/CN=partner", "-addext",
            "keyUsage=critical,keyCertSign")
        line.write("extensions", "extendedKeyUsage=clientAuth\nbasicConstraints=critical,CA:FALSE\n")
        for (name, key) in keys {
            let secrets = name == "file" ? [] : ["--pin-source", "pin"]
            try await line.output(["generate", key] + (name == "file" ? ["--no-passphrase"] : secrets))
            try await line.output(["csr", key, "--subject", "CN=\(name)", "--out", "\(name).csr"] + secrets)
            try await line.tool(
                "openssl", "x509", "-req", "-in", "\(name).csr", "-CA", "partner.pem", "-CAkey", "partner.key",
                "-set_serial", name == "file" ? "7" : "8", "-days", "1", "-extfile", "extensions", "-out",
                "fleet/\(name).crt")
        }
        let pem = String(decoding: try line.read("partner.pem"), as: UTF8.self)
        return (place, try place.controller.addAuthority(name: "partner", pem: pem))
    }

    @Test(arguments: ["ottca", "ca"])
    func rowsEnrollWithTheirCertificatesAndAreNotRepeated(_ method: String) async throws {
        let (place, authority) = try await prepare()
        for name in ["a", "b", "c"] {
            let jwt =
                try method == "ca"
                ? place.controller.makeAuthorityJWT(authority)
                : place.controller.makeEnrollment(name: name, authority: authority).jwt
            place.line.write("fleet/\(name).jwt", jwt, mode: 0o600)
        }
        // The third has a certificate of another key than its own.
        place.writeManifest(
            [
                "a.jwt,file:keys/a.pem,out/a.json,file.crt", "b.jwt,pkcs11:token=demo;object=b,out/b.json,token.crt",
                "c.jwt,file:keys/a.pem,out/c.json,token.crt",
            ], header: "jwt,key,out,cert")
        let arguments = ["enroll", "--batch", "fleet/manifest.csv", "--pin-source", "pin", "--json"]
        let first = try BatchOutput(try await place.line.run(arguments))
        #expect(first.statuses == ["enrolled", "enrolled", "failed"], "\(first.outcome)")
        #expect(first.codes == ["inputInvalid"])
        #expect(place.redemptionCount == 2)
        for name in ["a", "b"] {
            try await place.line.output(["authenticate", "fleet/out/\(name).json", "--pin-source", "pin"])
        }
        #expect(!place.line.exists("fleet/out/c.json"))

        let sent = place.redemptionCount
        let again = try BatchOutput(try await place.line.run(arguments))
        #expect(again.statuses == ["alreadyDone", "alreadyDone", "failed"], "\(again.outcome)")
        #expect(place.redemptionCount == sent)
    }
}
