import KeyStoreCore
import KeyStoreVerification

extension KeyStoreConformance {
    static let generationChecks: [Check] =
        KeyType.signing.map { type in
            Check(statement: "a new \(type) key signs messages and digests with each algorithm of its type") { suite in
                try await suite.checkGeneration(of: type)
            }
        } + [
            Check(statement: "a label that is taken is keyExists, and the key under it stays") { suite in
                try await suite.withSession { session in
                    let first = try await suite.makeKey("twice", in: session)
                    if suite.subject.givenTypes.isEmpty {
                        try await suite.expectRefusal(.keyExists, of: "a second key with the same reference") {
                            try await suite.makeKey("twice", in: session)
                        }
                    }
                    let again = try await session.key(at: try suite.uri("twice"))
                    let firstKey = try await first.publicKey()
                    let againKey = try await again.publicKey()
                    try suite.expect(firstKey == againKey, "the reference names another key now")
                }
            },
            Check(statement: "a session for reading makes no keys") { suite in
                try await suite.withSession(SessionOptions(isWritable: false)) { session in
                    do {
                        _ = try await session.generateKey(try suite.anyType(), at: try suite.uri("read-only"))
                        throw Disproof("a key was made")
                    } catch is KeyStoreError {}
                }
            },
        ]

    private func checkGeneration(of type: KeyType) async throws {
        try await withSession { session in
            let label = Subject.label(of: type)
            if subject.limits.contains(.generating(type)) {
                let uri = try uri(subject.givenTypes.isEmpty ? label : Subject.missing[0])
                try await expectLimit(
                    .generating(type), .unsupportedMechanism, .unsupportedOperation, .policyRefused,
                    of: "a \(type) key"
                ) {
                    try await session.generateKey(type, at: uri)
                }
            }
            guard hasKeys(of: type) else { return }
            let key = try await makeKey(label, type, in: session)
            try expect(key.info.type == type, "it says that it is \(key.info.type, default: "of no known type")")
            try expect(key.info.hasPrivateKey, "it says that it has no private key")
            let publicKey = try await key.publicKey()
            try expect(publicKey.type == type, "its public key is \(publicKey.type)")
            for algorithm in type.algorithms {
                try await checkSignatures(of: key, publicKey, algorithm)
            }
        }
    }

    private func checkSignatures(
        of key: any Key, _ publicKey: PublicKey, _ algorithm: SignatureAlgorithm
    ) async throws {
        let message = Array("to be signed with \(algorithm)".utf8)
        if subject.limits.contains(.signing(publicKey.type, algorithm)) {
            try expect(!key.info.algorithms.contains(algorithm), "\(algorithm) is declared as a limit and offered")
            try await expectLimit(
                .signing(publicKey.type, algorithm), .unsupportedMechanism, of: "\(algorithm)"
            ) {
                try await key.sign(message, using: algorithm)
            }
            return
        }
        try expect(key.info.algorithms.contains(algorithm), "\(algorithm) is not among its algorithms")
        let signature = try await key.sign(message, using: algorithm)
        try expect(
            publicKey.isValidSignature(signature, of: message, using: algorithm),
            "a signature with \(algorithm) is wrong")
        guard let digest = algorithm.digest(of: message) else {
            try await expectRefusal(.invalidData, .unsupportedMechanism, of: "a digest for \(algorithm)") {
                try await key.sign(.digest(message), using: algorithm)
            }
            return
        }
        if subject.limits.contains(.signingDigests(publicKey.type)) {
            try await expectLimit(
                .signingDigests(publicKey.type), .unsupportedOperation, of: "a digest for \(algorithm)"
            ) {
                try await key.sign(.digest(digest), using: algorithm)
            }
            return
        }
        let ofDigest = try await key.sign(.digest(digest), using: algorithm)
        try expect(
            publicKey.isValidSignature(ofDigest, of: message, using: algorithm),
            "a signature of a digest with \(algorithm) is wrong")
    }
}
