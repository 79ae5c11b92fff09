import ArgumentParser
import FoundationEssentials
import KeyStoreCore
import ZitiEnrollment

/// Tells what stands in an identity file.
struct IdentityShowCommand: AsynchronousStoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print who an identity file is for, where it logs in, and its key and certificate.",
        discussion: """
            Reads the file and nothing else: no token is opened, and nobody is asked. Secrets in the file are masked.

            Example:
              ziti-keystore identity show ziggy.json
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The identity file.")
    var file: String

    func run(in context: CommandContext) async throws {
        let input = try IdentityInput(path: file)
        let identity = input.identity
        let certificate: IdentityCertificate
        do throws(EnrollmentError) {
            certificate = try identity.certificate()
        } catch {
            throw input.failure(error, "read identity")
        }
        let findings = await IdentityCheck(identity, path: file).findings()
        for finding in findings where finding.verdict != .passed && !finding.hint.isEmpty {
            context.report.note("\(finding.text): \(finding.hint)")
        }
        try context.print(
            "identity", [Self.json(input, certificate, findings)], text: Self.text(input, certificate, findings))
    }

    /// The reference without secrets; nil where the file holds the key.
    private static func key(_ identity: IdentityFile) -> String? {
        identity.holdsPrivateKey ? nil : KeyStoreURI.redact(identity.key)
    }

    private static func text(
        _ input: IdentityInput, _ certificate: IdentityCertificate, _ findings: [IdentityFinding]
    ) -> String {
        let identity = input.identity
        var lines = [("identity", certificate.identityID), ("controller", identity.controller.text)]
        lines += identity.controllerAPIs
            .filter { ControllerAddress($0, allowsClientAPI: true) != identity.controller }
            .map { ("further controller", $0) }
        lines.append(("key", key(identity) ?? "in the file itself"))
        lines.append(("key type", certificate.keyType.map { "\($0)" } ?? "unknown"))
        if let reason = identity.extras.fallbackReason {
            lines.append(("fallback", "for \(identity.extras.fallbackFor ?? "another key"): \(reason)"))
        }
        lines += [
            ("valid from", certificate.notBefore.formatted(.iso8601)),
            ("valid until", certificate.notAfter.formatted(.iso8601)), ("fingerprint", certificate.fingerprint),
            ("issuer", certificate.issuer),
        ]
        lines += identity.chain.map { ("certificate", $0.line) }
        lines += identity.authorityChain.map { ("authority", $0.line) }
        lines += findings.filter { $0.verdict != .passed }.map {
            ($0.verdict == .failed ? "problem" : "warning", $0.text)
        }
        return lines.map { "\($0.0)\t\(StandardStream.sanitised($0.1).replacingNewlines)" }.joined(separator: "\n")
    }

    private static func json(
        _ input: IdentityInput, _ certificate: IdentityCertificate, _ findings: [IdentityFinding]
    ) -> JSONValue {
        let identity = input.identity
        return .object([
            ("uri", .string(key(identity) ?? "")), ("file", .string(input.path)),
            ("identity", .string(certificate.identityID)), ("controller", .string(identity.controller.text)),
            ("controllers", .strings(identity.controllerAPIs)), ("holdsPrivateKey", .bool(identity.holdsPrivateKey)),
            ("holdsSecret", .bool(identity.holdsSecret)),
            ("fallbackReason", identity.extras.fallbackReason.map { .string($0) } ?? .null),
            ("fallbackFor", identity.extras.fallbackFor.map { .string(KeyStoreURI.redact($0)) } ?? .null),
            ("certificates", .array(identity.chain.map { .object($0.members) })),
            ("authorities", .array(identity.authorityChain.map { .object($0.members) })),
            ("findings", .array(findings.map(\.json))),
        ])
    }
}
