import ArgumentParser
import KeyStoreCore
import ZitiEnrollment

/// Looks whether an identity works.
struct IdentityCheckCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check an identity: its file, certificate and key, and whether the controller lets it in.",
        discussion: """
            Prints a line for each check: ok, warning, failed or skipped. The exit status is that of the worst failure: what \
            stays wrong until somebody acts is worse than what may pass by itself. Warnings end with 0.

            Examples:
              ziti-keystore identity check ziggy.json --pin-source pin.txt
              ziti-keystore identity check ziggy.json --offline
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var pin: PINOptions
    @OptionGroup var passphrase: PassphraseOptions

    @Flag(help: "Do not ask the controller.")
    var offline = false

    @Argument(help: "The identity file.")
    var file: String

    func run(in context: CommandContext) async throws {
        let input = try IdentityInput(path: file)
        var check = IdentityCheck(input.identity, path: file)
        check.proxy = .inherited
        var findings = await check.findings()
        if input.identity.holdsPrivateKey {
            findings.append(
                IdentityFinding(.key, .skipped, "the file holds the private key itself, and names no store"))
            findings.append(check.ownKeyFinding())
            findings.append(IdentityFinding(.controller, .skipped, "without a key in a store nothing logs in"))
        } else if findings.contains(where: { $0.subject == .key && $0.verdict == .failed }) {
            findings.append(IdentityFinding(.controller, .skipped, "not asked: without its key nothing logs in"))
        } else {
            let secrets = SecretSources(
                pin: try pin.choice(), passphrase: try passphrase.choice(), mayAsk: context.mayAsk)
            let source = try input.keySource(secrets.source, in: context)
            findings += await check.keyFindings(source)
            if offline {
                findings.append(IdentityFinding(.controller, .skipped, "not asked: --offline was given"))
            } else if findings.contains(where: { [.key, .certificate].contains($0.subject) && $0.verdict == .failed }) {
                findings.append(IdentityFinding(.controller, .skipped, "not asked: without its key nothing logs in"))
            } else {
                let seconds = common.timeout.map { max(1, Int($0.rounded(.up))) } ?? 30
                findings.append(await check.controllerFinding(source, timeoutSeconds: seconds))
            }
        }
        for finding in findings where finding.verdict == .warning && !finding.hint.isEmpty {
            context.report.note(finding.hint)
        }
        let uri = input.identity.holdsPrivateKey ? "" : KeyStoreURI.redact(input.identity.key)
        try context.print(
            "identity",
            [.object([("uri", .string(uri)), ("file", .string(file)), ("findings", .array(findings.map(\.json)))])],
            text: findings.map(\.line).joined(separator: "\n"))
        if let failure = Self.failure(findings, file) { throw failure }
    }

    /// From the worst to the least: what somebody must repair, what somebody must allow, what may pass by itself.
    private static let worstFirst: [ExitStatus] = [
        .defect, .badData, .notFound, .ambiguous, .usage, .refused, .configuration, .notPermitted, .unavailable,
        .timedOut, .cancelled,
    ]

    private static func failure(_ findings: [IdentityFinding], _ file: String) -> CommandFailure? {
        let failures = findings.compactMap { finding in finding.failure.map { (finding.subject, $0) } }
        let worst = failures.min { left, right in
            rank(left.1.status) < rank(right.1.status)
        }
        guard var failure = worst?.1 else { return nil }
        let names = failures.map(\.0.rawValue).joined(separator: ", ")
        if failures.count > 1 {
            failure.message = "\(failures.count) checks failed (\(names)); the worst: \(failure.message)"
        }
        if failure.operation.isEmpty { failure.operation = "check identity" }
        if failure.subject.isEmpty { failure.subject = file }
        return failure
    }

    private static func rank(_ status: ExitStatus) -> Int { worstFirst.firstIndex(of: status) ?? worstFirst.count }
}
