import FoundationEssentials
import KeyStoreCore
import ZitiEnrollment

extension IdentityCertificate {
    /// The certificate as members of JSON output.
    var members: [(name: String, value: JSONValue)] {
        [
            ("subject", .string(subject)), ("issuer", .string(issuer)), ("serialNumber", .string(serialNumber)),
            ("notBefore", .string(notBefore.formatted(.iso8601))), ("notAfter", .string(notAfter.formatted(.iso8601))),
            ("fingerprint", .string(fingerprint)),
        ] + KeyInfo.members(of: keyType)
    }

    /// The certificate on one line.
    var line: String { "\(subject), until \(notAfter.formatted(.iso8601))" }
}
