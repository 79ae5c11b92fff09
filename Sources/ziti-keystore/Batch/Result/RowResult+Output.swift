import FoundationEssentials
import KeyStoreCore
import ZitiEnrollment

extension RowResult {
    /// The result in one word, or two.
    var status: String {
        switch outcome {
        case .enrolled: "enrolled"
        case .alreadyDone: "alreadyDone"
        case .failed: "failed"
        case .interrupted: "interrupted"
        }
    }

    /// A failure for a person.
    var terminalText: String {
        guard case .failed(let failure) = outcome else { return "line \(line): \(status)" }
        return "line \(line)\(out.isEmpty ? "" : ", \(out)"): \(failure.code): \(failure.message)".replacingNewlines
    }

    /// The result on one line: status, line of the manifest, identity file, and the identity or the reason, separated by tabs.
    var text: String {
        let detail =
            switch outcome {
            case .enrolled(let result): result.identityID
            case .alreadyDone(let identity): identity.identityID
            case .failed(let failure): "\(failure.code): \(failure.message)"
            case .interrupted: "run the same batch again to go on"
            }
        return [status, String(line), out, detail]
            .map { StandardStream.sanitised($0).replacingNewlines }.joined(separator: "\t")
    }

    /// The result as an item of the command's JSON.
    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("uri", .string(key)), ("line", .number(line)), ("out", .string(out)), ("status", .string(status)),
        ]
        switch outcome {
        case .enrolled(let result):
            if let key = result.key { members[0].value = .string(key.redacted) }
            members += [
                ("identity", .string(result.identityID)), ("controller", .string(result.controller.text)),
                ("isKeyGenerated", .bool(result.isKeyGenerated)), ("isResumed", .bool(result.isResumed)),
                ("isCertificateStored", .bool(result.isCertificateStored)),
                ("certificateExpiry", result.certificateExpiry.map { .string($0.formatted(.iso8601)) } ?? .null),
            ]
        case .alreadyDone(let identity):
            members[0].value = .string(identity.key)
            members += [
                ("identity", .string(identity.identityID)), ("controller", .string(identity.controller.text)),
                ("certificateExpiry", .string(identity.certificateExpiry.formatted(.iso8601))),
            ]
        case .failed(let failure): members.append(("error", CommandResult.errorValue(failure)))
        case .interrupted: break
        }
        return .object(members)
    }
}
