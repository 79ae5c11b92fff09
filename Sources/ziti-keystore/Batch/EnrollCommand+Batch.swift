import ArgumentParser
import Glibc
import KeyStoreCore
import ZitiEnrollment

extension EnrollCommand {
    /// Throws a usage error for what goes with a single enrollment only.
    func validateBatch() throws {
        for (isGiven, option) in [
            (input.start != nil, "--jwt"), (givenKey != nil, "--key"), (out != nil, "--out"),
            (input.cert != nil, "--cert"), (input.name != nil, "--name"), (input.password.isGiven, "--username"),
            (input.externalJWT.isGiven, "--external-jwt-source"),
        ] where isGiven {
            throw ValidationError("'\(option)' does not go with '--batch': the rows of the manifest say it.")
        }
        if removesJWT {
            throw ValidationError("'--rm' does not go with '--batch', which compares JWTs with what is done already.")
        }
        if fallback != nil {
            throw ValidationError("'--fallback' does not go with '--batch': one key would stand in for many.")
        }
    }

    /// Enrolls every row of the manifest.
    func enroll(manifest: String, _ context: CommandContext) async throws {
        // Before the manifest's folder becomes the working directory, to which its rows are relative.
        let passphrase = try passphrase.choice()?.absolute
        let sources = SecretSources(
            pin: try pin.choice()?.absolute, managementKey: try managementKey.choice()?.absolute,
            passphrase: passphrase, newPassphrase: passphrase, leavesNewFileOpen: noPassphrase, mayAsk: context.mayAsk)
        var options = EnrollmentOptions(
            outputPath: "", generate: generate ? try keyType.type : nil,
            pinPolicy: attestation.pinPolicy?.policy, touchPolicy: attestation.touchPolicy?.policy,
            additionalAuthorities: try input.ca.map { try InputFile(path: $0).readCertificates() },
            isSDKCompatible: sdkCompatible, attestation: try demandedAttestation(),
            // A limit for the whole batch is none for each exchange.
            timeoutSeconds: common.timeout.map { min(max(1, Int($0.rounded(.up))), 30) } ?? 30)
        options.proxy = .inherited
        let plan = BatchPlan(context, options: options, keyType: try keyType.type, sources: sources)
        try await BatchEnrollment(plan: plan, manifest: manifest, jobs: batch.jobCount, shard: batch.shard).run()
    }
}

extension SecretChoice {
    /// The same choice, whatever the working directory will be.
    fileprivate var absolute: SecretChoice {
        guard case .file(let path) = self, !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return self }
        defer { free(folder) }
        return .file("\(String(cString: folder))/\(path)")
    }
}
