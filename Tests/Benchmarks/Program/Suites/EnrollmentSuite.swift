internal import FoundationEssentials

/// Whole enrollments with one development controller. Each makes a new key.
struct EnrollmentSuite {
    let programs: Programs
    let launcher: Launcher
    let folder: TemporaryFolder
    let runs: Int

    func comparisons(token: SoftHSMToken, controller: Controller) -> [Comparison] {
        let software = Contender(name: "ziti-keystore enroll, key file", targets: [Target(limit: .times(1))]) {
            let jwt = try controller.makeJWT()
            return try enroll(
                jwt: jwt,
                [
                    programs.ours, "enroll", "-j", jwt, "-k", "file:\(jwt).key.pem", "--generate", "--crv", "P-256",
                    "--no-passphrase",
                ])
        }
        let hardware = Contender(name: "ziti-keystore enroll, SoftHSM2") {
            let jwt = try controller.makeJWT()
            let label = URL(filePath: jwt).lastPathComponent
            return try enroll(
                jwt: jwt,
                [
                    programs.ours, "enroll", "-j", jwt, "-k", "pkcs11:token=\(SoftHSMToken.label);object=\(label)",
                    "--module", token.module, "--generate", "--crv", "P-256", "--pin-env", SoftHSMToken.pinVariable,
                ], environment: token.environment)
        }
        let sdk = Contender(name: "C SDK 0.29.3 through Python, key in the identity") {
            let jwt = try controller.makeJWT()
            let identity = "\(jwt).json"
            return try measured(identity, [programs.python, programs.sdk, "enroll", jwt, identity])
        }
        return [
            Comparison(
                title: "one process, one enrollment", unit: "ms", rounds: runs, prepare: token.make,
                contenders: [sdk, software, hardware])
        ]
    }

    private func enroll(
        jwt: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Sample {
        let identity = "\(jwt).json"
        return try measured(identity, arguments + ["-o", identity], environment: environment)
    }

    private func measured(
        _ identity: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Sample {
        let outcome = try launcher.run(arguments, environment: environment)
        guard FileManager.default.fileExists(atPath: identity) else {
            throw BenchmarkError("\(arguments[0]) ended well and wrote no identity")
        }
        return Sample(value: outcome.wallMilliseconds, rate: nil, peakMegabytes: outcome.peakMegabytes)
    }
}
