internal import FoundationEssentials

/// Whole processes that make one signature of a small file. Every signature of ours is verified by `openssl`, unmeasured.
struct ProcessSuite {
    let programs: Programs
    let launcher: Launcher
    let folder: TemporaryFolder
    let runs: Int

    func comparisons(tokens: [SoftHSMToken], files: SoftwareKeys) throws -> [Comparison] {
        let message = try folder.write((0..<32).map { UInt8($0) }, to: "message")
        // OpenSC signs what it is given, so it gets the digest that the others make of the message.
        let digest = folder.path("digest")
        _ = try launcher.run([programs.openssl, "dgst", "-sha256", "-binary", "-out", digest, message])
        return tokens.map { onToken($0, message: message, digest: digest) } + [onFile(files, message: message)]
    }

    private func onToken(_ token: SoftHSMToken, message: String, digest: String) -> Comparison {
        let signature = folder.path("signature")
        let tokenKey = folder.path("token-\(token.keys).der")
        let tool = [programs.pkcs11Tool, "--module", token.module, "--token-label", SoftHSMToken.label]
        let login = ["--login", "--pin", "env:\(SoftHSMToken.pinVariable)"]
        // With one key the rest is the start of the process; with many it is the module's, which takes the same in all.
        let targets: [Target] =
            token.keys == 1
            ? [Target(limit: .times(1.5)), Target(limit: .megabytes(20))] : [Target(limit: .times(1 + Target.noise))]
        return Comparison(
            title: "one process, one P-256 signature, \(token.size)", unit: "ms",
            rounds: token.keys == 1 ? runs : token.keys < 10_000 ? max(5, runs / 3) : 5,
            prepare: {
                try token.make()
                _ = try launcher.run(
                    tool + ["--read-object", "--type", "pubkey", "--id", "01", "-o", tokenKey],
                    environment: token.environment)
            },
            contenders: [
                contender(
                    "pkcs11-tool --sign",
                    tool + login + ["--sign", "--mechanism", "ECDSA", "--id", "01", "-i", digest, "-o", signature],
                    environment: token.environment),
                contender(
                    "raw PKCS#11 in C",
                    [programs.rawPKCS11, "sign", token.module, SoftHSMToken.label, "ec", "ecdsa", message, signature],
                    environment: token.environment),
                contender(
                    "openssl dgst -sign with the engine of libp11",
                    [
                        programs.openssl, "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine", "-sign",
                        token.reference("ec"), "-passin", "env:\(SoftHSMToken.pinVariable)", "-out", signature, message,
                    ], environment: token.environment.merging(["PKCS11_MODULE_PATH": token.module]) { $1 },
                    rounds: token.keys < 10_000 ? nil : 1),
                contender(
                    "ziti-keystore sign",
                    [
                        programs.ours, "sign", token.reference("ec"), "--module", token.module, "--alg", "ES256",
                        "--in", message, "--out", signature, "--pin-env", SoftHSMToken.pinVariable,
                    ], environment: token.environment, targets: targets,
                    verification: ["-keyform", "DER", "-verify", tokenKey]),
            ])
    }

    private func onFile(_ files: SoftwareKeys, message: String) -> Comparison {
        let signature = folder.path("signature")
        return Comparison(
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
            ])
    }

    private func contender(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], targets: [Target] = [],
        rounds: Int? = nil, verification: [String]? = nil
    ) -> Contender {
        let signature = folder.path("signature")
        let message = folder.path("message")
        return Contender(name: name, targets: targets, rounds: rounds) {
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
