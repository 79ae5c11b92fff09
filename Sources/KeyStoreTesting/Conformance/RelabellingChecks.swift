import KeyStoreCore

extension KeyStoreConformance {
    static let relabellingChecks: [Check] = [
        Check(statement: "a key that is relabelled is the same under its new name, with its certificate") { suite in
            try await suite.withSession { session in
                guard let relabelling = session.relabelling else { return }
                let key = try await suite.makeKey("relabel", in: session)
                let (old, publicKey) = (key.info.uri, try await key.publicKey())
                let certificate = try Self.certificate(for: publicKey, serial: 3)
                if let certificates = session.certificates, !suite.subject.limits.contains(.storingCertificates) {
                    try await certificates.store([certificate], at: old)
                }
                let label = "\(suite.prefix)-relabelled"
                if suite.subject.limits.contains(.relabelling) {
                    try await suite.expectLimit(
                        .relabelling, .policyRefused, .unsupportedOperation, of: "another label"
                    ) {
                        try await relabelling.relabel(at: old, label: label, id: nil)
                    }
                    let kept = try await session.publicKey(at: old)
                    return try suite.expect(kept == publicKey, "the old name is gone all the same")
                }
                let labelled = try await relabelling.relabel(at: old, label: label, id: nil)
                let id: [UInt8] = [0xC0] + labelled.id.prefix(3)
                let renamed =
                    labelled.id.isEmpty
                    ? labelled : try await relabelling.relabel(at: labelled.uri, label: nil, id: id)
                try suite.expect(
                    renamed.label == label && (labelled.id.isEmpty || renamed.id == id),
                    "it is called '\(renamed.label)' afterwards")
                let found = try await session.key(at: renamed.uri).publicKey()
                try suite.expect(found == publicKey, "another key has the new name")
                if let certificates = session.certificates {
                    let read = try await certificates.certificates(at: renamed.uri)
                    try suite.expect(read == [certificate], "its certificate is not beside it any more")
                }
                try await suite.expectRefusal(.noSuchKey, of: "the old name") { try await session.key(at: old) }
                let listed = try await session.keys(matching: renamed.uri)
                try suite.expect(listed.count == 1, "\(listed.count) keys are listed under the new name")
                _ = try await suite.makeKey("relabel", in: session)
            }
        },
        Check(statement: "a new label that another key has is keyExists, and both keep theirs") { suite in
            guard !suite.subject.limits.contains(.relabelling) else { return }
            try await suite.withSession { session in
                guard let relabelling = session.relabelling else { return }
                let first = try await suite.makeKey("relabel-1", in: session)
                let second = try await suite.makeKey("relabel-2", in: session)
                try await suite.expectRefusal(.keyExists, of: "the other's label") {
                    try await relabelling.relabel(at: first.info.uri, label: second.info.label, id: nil)
                }
                for key in [first, second] {
                    let found = try await session.key(at: key.info.uri).publicKey()
                    let known = try await key.publicKey()
                    try suite.expect(found == known, "a name means another key now")
                }
                try await suite.expectRefusal(.noSuchKey, of: "a name that nobody has") {
                    try await relabelling.relabel(
                        at: try suite.uri("relabel-nowhere"), label: "\(suite.prefix)-relabel-3", id: nil)
                }
            }
        },
    ]
}
