import KeyStoreCore

extension KeyStoreConformance {
    static let movingChecks: [Check] = [
        Check(statement: "a moved key is the same in its new place, with its certificate, and its old place is free") {
            suite in
            try await suite.withSession { session in
                guard let moving = session.moving, suite.subject.givenTypes.isEmpty else { return }
                let key = try await suite.makeKey("move", in: session)
                let (old, publicKey) = (key.info.uri, try await key.publicKey())
                let place = try suite.uri("moved")
                if suite.subject.limits.contains(.moving) {
                    try await suite.expectLimit(
                        .moving, .unsupportedOperation, .unsupportedMechanism, .policyRefused, of: "moving a key"
                    ) {
                        try await moving.moveKey(at: old, to: place)
                    }
                    let kept = try await session.publicKey(at: old)
                    return try suite.expect(kept == publicKey, "it is gone all the same")
                }
                let certificate = try Self.certificate(for: publicKey, serial: 4)
                let certificates = suite.subject.limits.contains(.storingCertificates) ? nil : session.certificates
                if let certificates { try await certificates.store([certificate], at: old) }
                let moved = try await moving.moveKey(at: old, to: place)
                for uri in [moved.uri, place] {
                    let found = try await session.key(at: uri).publicKey()
                    try suite.expect(found == publicKey, "another key stands there")
                }
                if let certificates {
                    let read = try await certificates.certificates(at: moved.uri)
                    try suite.expect(read == [certificate], "its certificate is not beside it any more")
                }
                _ = try await suite.makeKey("move", in: session)
            }
        },
        Check(statement: "a place that another key has is keyExists, and both keys stay where they are") { suite in
            guard !suite.subject.limits.contains(.moving), suite.subject.givenTypes.isEmpty else { return }
            try await suite.withSession { session in
                guard let moving = session.moving else { return }
                let first = try await suite.makeKey("move-1", in: session)
                let second = try await suite.makeKey("move-2", in: session)
                try await suite.expectRefusal(.keyExists, of: "the other's place") {
                    try await moving.moveKey(at: first.info.uri, to: second.info.uri)
                }
                for key in [first, second] {
                    let found = try await session.key(at: key.info.uri).publicKey()
                    let known = try await key.publicKey()
                    try suite.expect(found == known, "another key stands in a place now")
                }
                try await suite.expectRefusal(.noSuchKey, of: "what is not there") {
                    try await moving.moveKey(at: try suite.uri("nowhere"), to: try suite.uri("move-3"))
                }
            }
        },
    ]
}
