import FoundationEssentials
import KeyStoreCore
import ZitiEnrollment

extension RenewalResult {
    /// When a certificate is due that need not be renewed more than so many seconds before it expires.
    func due(withinSeconds seconds: Double) -> String {
        certificateExpiry.addingTimeInterval(-seconds).formatted(.iso8601)
    }

    /// The result as lines, a word and a tab before each value.
    func text(dueWithinSeconds seconds: Double?) -> String {
        guard isRenewed else { return "not due until\t\(due(withinSeconds: seconds ?? 0))" }
        var lines = [
            ("identity", identityID), ("controller", controller.text), ("key", key.redacted),
            ("certificate until", certificateExpiry.formatted(.iso8601)), ("written to", path),
        ]
        if let oldKey { lines.append((isOldKeyDeleted ? "old key, deleted" : "old key, kept", oldKey.redacted)) }
        return lines.map { "\($0.0)\t\(StandardStream.sanitised($0.1).replacingNewlines)" }.joined(separator: "\n")
    }

    /// The result as an item of JSON output.
    func json(dueWithinSeconds seconds: Double?) -> JSONValue {
        .object([
            ("uri", .string(key.redacted)), ("file", .string(path)), ("identity", .string(identityID)),
            ("controller", .string(controller.text)), ("isRenewed", .bool(isRenewed)),
            ("dueAt", isRenewed ? .null : .string(due(withinSeconds: seconds ?? 0))),
            ("isRequestedByController", .bool(isRequestedByController)),
            ("isKeyRollRequested", .bool(isKeyRollRequested)),
            ("certificateExpiry", .string(certificateExpiry.formatted(.iso8601))),
            ("isCertificateStored", .bool(isCertificateStored)), ("isKeyGenerated", .bool(isKeyGenerated)),
            ("oldKey", oldKey.map { .string($0.redacted) } ?? .null), ("isOldKeyDeleted", .bool(isOldKeyDeleted)),
            ("isResumed", .bool(isResumed)),
        ])
    }
}
