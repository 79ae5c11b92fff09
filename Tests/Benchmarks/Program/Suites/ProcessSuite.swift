internal import FoundationEssentials

/// Whole processes that make one signature of a small file. Every signature of ours is verified by `openssl`, unmeasured.
struct ProcessSuite {
    let programs: Programs
    let launcher: Launcher
    let folder: TemporaryFolder
    let runs: Int

    func comparisons(token: SoftHSMToken, files: SoftwareKeys) throws -> [Comparison] {
        let message = try folder.write((0..<32).map { UInt8($0) }, to: "message")
        let signature = folder.path("signature")
        // OpenSC signs what it is given, so it gets the digest that the others make of the message.
        let digest = folder.path("digest")
        _ = try launcher.run([programs.openssl, "dgst", "-sha256", "-binary", "-out", digest, message])
        let tokenKey = folder.path("token.der")
        _ = try launcher.run(
            [
                programs.pkcs11Tool, "--module", token.module, "--token-label", SoftHSMToken.label, "--read-object",
                "--type", "pubkey", "--id", "01", "-o", tokenKey,
            ], environment: token.environment)
        let login = ["--token-label", SoftHSMToken.label, "--login", "--pin", "env:\(SoftHSMToken.pinVariable)"]
        return [
            Comparison(
                title: "one process, one P-256 signature, SoftHSM2", unit: "ms", rounds: runs,
                contenders: [
                    contender(
                        "pkcs11-tool --sign",
                        [programs.pkcs11Tool, "--module", token.module] + login
                            + ["--sign", "--mechanism", "ECDSA", "--id", "01", "-i", digest, "-o", signature],
                        environment: token.environment),
                    contender(
                        "raw PKCS#11 in C",
                        [
                            programs.rawPKCS11, "sign", token.module, SoftHSMToken.label, "ec", "ecdsa", message,
                            signature,
                        ], environment: token.environment),
                    contender(
                        "ziti-keystore sign",
                        [
                            programs.ours, "sign", token.reference("ec"), "--module", token.module, "--alg", "ES256",
                            "--in", message, "--out", signature, "--pin-env", SoftHSMToken.pinVariable,
                        ], environment: token.environment, target: .times(1.5, megabytes: 20),
                        verification: ["-keyform", "DER", "-verify", tokenKey]),
                ]),
            Comparison(
                title: "one process, one P-256 signature, key file", unit: "ms", rounds: runs,
                contenders: [
                    contender(
                        "openssl dgst -sign",
                        [programs.openssl, "dgst", "-sha256", "-sign", files.p256, "-out", signature, message]),
                    contender(
                        "ziti-keystore sign",
                        [
                            programs.ours, "sign", "file:\(files.p256)", "--alg", "ES256", "--in", message, "--out",
                            signature,
                        ], verification: ["-prverify", files.p256]),
                ]),
        ]
    }

    private func contender(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], target: Target? = nil,
        verification: [String]? = nil
    ) -> Contender {
        let signature = folder.path("signature")
        let message = folder.path("message")
        return Contender(name: name, target: target) {
            try? FileManager.default.removeItem(atPath: signature)
            let outcome = try launcher.run(arguments, environment: environment)
            guard FileManager.default.fileExists(atPath: signature) else {
                throw BenchmarkError("\(name) ended well and wrote no signature")
            }
            if let verification {
                _ = try launcher.run(
                    [programs.openssl, "dgst", "-sha256"] + verification + ["-signature", signature, message])
            }
            return Sample(
                value: outcome.wallMilliseconds, rate: nil, peakMegabytes: outcome.peakMegabytes)
        }
    }
}
