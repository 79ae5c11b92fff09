import FoundationEssentials
import KeyStoreCore
import ZitiEnrollment

extension EnrollmentResult {
    /// The result for a person: a line for each thing that is known.
    var text: String {
        let lines = [
            ("identity", identityID.isEmpty ? nil : identityID), ("controller", controller.text), ("user", username),
            ("key", key?.redacted), ("certificate until", certificateExpiry?.formatted(.iso8601)),
            ("written to", outputPath), ("attestation", attestationPath), ("fallback because", fallbackReason),
        ]
        return lines.compactMap { name, value in
            value.map { "\(name)\t\(StandardStream.sanitised($0).replacingNewlines)" }
        }.joined(separator: "\n")
    }

    /// The result for a program.
    var json: JSONValue {
        .object(
            [("uri", Self.text(key?.redacted))] + (keyType.map(KeyInfo.members(of:)) ?? []) + [
                ("identity", Self.text(identityID.isEmpty ? nil : identityID)),
                ("controller", .string(controller.text)),
                ("method", .string(method.rawValue)), ("username", Self.text(username)),
                ("out", .string(outputPath)), ("isKeyGenerated", .bool(isKeyGenerated)),
                ("fallbackReason", Self.text(fallbackReason)),
                ("certificateExpiry", Self.text(certificateExpiry?.formatted(.iso8601))),
                ("algorithms", .strings(algorithms.map { "\($0)" })),
                ("isCertificateStored", .bool(isCertificateStored)),
                ("attestation", Self.text(attestationPath)),
                ("isResumed", .bool(isResumed)),
            ])
    }

    private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}
