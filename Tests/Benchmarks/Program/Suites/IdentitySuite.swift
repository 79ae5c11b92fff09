internal import FoundationEssentials

/// What an identity does after its enrollment: it authenticates, and gets a new certificate.
struct IdentitySuite {
    let programs: Programs
    let launcher: Launcher
    let folder: TemporaryFolder
    let runs: Int

    private var byFile: String { folder.path("identity-file.json") }
    private var byToken: String { folder.path("identity-token.json") }
    private var bySDK: String { folder.path("identity-sdk.json") }

    func comparisons(token: SoftHSMToken, controller: Controller) -> [Comparison] {
        let prepare = {
            try token.make()
            try enroll(token, controller)
        }
        let file = ["--module", token.module, "--pin-env", SoftHSMToken.pinVariable]
        return [
            Comparison(
                title: "one process, one authentication", unit: "ms", rounds: runs, prepare: prepare,
                contenders: [
                    Contender(name: "C SDK 0.29.3 through Python, key in the identity") {
                        try measured([programs.python, programs.sdk, "authenticate", bySDK])
                    },
                    Contender(name: "ziti-keystore authenticate, key file", targets: [Target(limit: .times(1))]) {
                        try measured([programs.ours, "authenticate", byFile])
                    },
                    Contender(name: "ziti-keystore authenticate, SoftHSM2") {
                        try measured([programs.ours, "authenticate", byToken] + file, token.environment)
                    },
                ]),
            Comparison(
                title: "one process, one renewal", unit: "ms", rounds: runs, prepare: prepare,
                contenders: [
                    Contender(name: "ziti-keystore identity renew, key file") {
                        try measured([programs.ours, "identity", "renew", byFile])
                    },
                    Contender(name: "ziti-keystore identity renew, SoftHSM2") {
                        try measured([programs.ours, "identity", "renew", byToken] + file, token.environment)
                    },
                ]),
        ]
    }

    /// Enrolls the three identities, once.
    private func enroll(_ token: SoftHSMToken, _ controller: Controller) throws {
        guard !FileManager.default.fileExists(atPath: bySDK) else { return }
        let ours = [programs.ours, "enroll", "--generate", "--crv", "P-256", "-j"]
        _ = try launcher.run(
            ours + [
                try controller.makeJWT(), "-k", "file:\(byFile).key.pem", "--no-passphrase", "-o", byFile,
            ])
        _ = try launcher.run(
            ours + [
                try controller.makeJWT(), "-k", "pkcs11:token=\(SoftHSMToken.label);object=identity", "--module",
                token.module, "--pin-env", SoftHSMToken.pinVariable, "-o", byToken,
            ], environment: token.environment)
        _ = try launcher.run([programs.python, programs.sdk, "enroll", try controller.makeJWT(), bySDK])
    }

    private func measured(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Sample {
        let outcome = try launcher.run(arguments, environment: environment)
        return Sample(value: outcome.wallMilliseconds, rate: nil, peakMegabytes: outcome.peakMegabytes)
    }
}
