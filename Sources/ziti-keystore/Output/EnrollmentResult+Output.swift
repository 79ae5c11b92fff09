import FoundationEssentials
import KeyStoreCore
import ZitiEnrollment

extension EnrollmentResult {
    /// The result for a person: a line for each thing that is known.
    var text: String {
        var lines = [
            ("identity", identityID), ("controller", controller.text), ("key", key.redacted),
            ("certificate until", certificateExpiry.formatted(.iso8601)), ("written to", outputPath),
        ]
        if let attestationPath { lines.append(("attestation", attestationPath)) }
        if let fallbackReason { lines.append(("fallback because", fallbackReason)) }
        return lines.map { "\($0.0)\t\(StandardStream.sanitised($0.1).replacingNewlines)" }.joined(separator: "\n")
    }

    /// The result for a program.
    var json: JSONValue {
        .object(
            [("uri", .string(key.redacted))] + KeyInfo.members(of: keyType) + [
                ("identity", .string(identityID)), ("controller", .string(controller.text)),
                ("out", .string(outputPath)), ("isKeyGenerated", .bool(isKeyGenerated)),
                ("fallbackReason", fallbackReason.map { .string($0) } ?? .null),
                ("certificateExpiry", .string(certificateExpiry.formatted(.iso8601))),
                ("algorithms", .strings(algorithms.map { "\($0)" })),
                ("isCertificateStored", .bool(isCertificateStored)),
                ("attestation", attestationPath.map { .string($0) } ?? .null),
                ("isResumed", .bool(isResumed)),
            ])
    }
}
