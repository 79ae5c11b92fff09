import KeyStoreCore
import KeyStoreVerification

extension KeyStoreConformance {
    static let lifeChecks: [Check] =
        [KeyType.ecP256, .ecP384, .ecP521, .ed25519, .rsa(bits: 2048)].map { type in
            Check(statement: "an imported \(type) key signs as the key it is") { suite in
                try await suite.checkImport(of: type)
            }
        } + [
            Check(statement: "what is no private key is not imported") { suite in
                try await suite.withSession { session in
                    guard let importing = session.importing else { return }
                    for text in ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
                        let pem = try PIN(text)
                        try await suite.expectRefusal(.invalidData, of: "a text of \(text.utf8.count) bytes") {
                            try await importing.importKey(pem: pem, at: try suite.uri("no-import"))
                        }
                    }
                    try await suite.expectRefusal(.noSuchKey, of: "the key that was not imported") {
                        try await session.key(at: try suite.uri("no-import"))
                    }
                }
            },
            Check(statement: "a deleted key is gone, and the others stay") { suite in
                try await suite.withSession { session in
                    guard let deleting = session.deleting else { return }
                    let stays = try await suite.makeKey("stays", in: session)
                    let goes = try await suite.makeKey("goes", in: session)
                    if suite.subject.limits.contains(.deleting) {
                        try await suite.expectLimit(
                            .deleting, .unsupportedOperation, .policyRefused, of: "deleting a key"
                        ) {
                            try await deleting.deleteKey(at: goes.info.uri)
                        }
                        let kept = try await session.publicKey(at: goes.info.uri)
                        let known = try await goes.publicKey()
                        return try suite.expect(kept == known, "it is gone all the same")
                    }
                    try await deleting.deleteKey(at: goes.info.uri)
                    try await suite.expectRefusal(.noSuchKey, of: "finding it") {
                        try await session.key(at: goes.info.uri)
                    }
                    let listed = try await session.keys(matching: goes.info.uri)
                    try suite.expect(listed.isEmpty, "a part of it is still listed")
                    _ = try await session.key(at: stays.info.uri)
                    _ = try await suite.makeKey("goes", in: session)
                }
            },
        ]

    private func checkImport(of type: KeyType) async throws {
        try await withSession { session in
            guard let importing = session.importing else { return }
            let source = try InMemoryKey.generate(type)
            let pem = try PIN(source.pem)
            let isGiven = !subject.givenTypes.isEmpty && subject.limits.contains(.importing(type))
            let uri = try uri(isGiven ? Subject.missing[1] : "import-\(type)".replacing(" ", with: "-"))
            if subject.limits.contains(.importing(type)) {
                try await expectLimit(
                    .importing(type), .unsupportedOperation, .unsupportedMechanism, .policyRefused, of: "the import"
                ) {
                    try await importing.importKey(pem: pem, at: uri)
                }
                return
            }
            let key = try await importing.importKey(pem: pem, at: uri)
            let publicKey = try await key.publicKey()
            try expect(publicKey.der == source.publicKeyDER, "it has another public key")
            guard let algorithm = key.info.algorithms.first else { throw Disproof("it has no algorithm") }
            let signature = try await key.sign([1, 2, 3], using: algorithm)
            try expect(
                publicKey.isValidSignature(signature, of: [1, 2, 3], using: algorithm), "its signature is wrong")
            try await expectRefusal(.keyExists, of: "importing it again") {
                try await importing.importKey(pem: pem, at: uri)
            }
        }
    }
}
