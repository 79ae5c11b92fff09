import KeyStoreCore

extension KeyStoreConformance {
    static let decryptionChecks: [Check] = [
        Check(statement: "a key for decrypting decrypts what was encrypted to it, with each algorithm") { suite in
            try await suite.withDecryptingKey("decrypt") { key, publicKey in
                for algorithm in EncryptionAlgorithm.all {
                    try await suite.checkDecryption(by: key, publicKey, algorithm)
                }
            }
        },
        Check(statement: "a ciphertext that is wrong in whichever way is invalidData in the same words") { suite in
            try await suite.withDecryptingKey("wrong-ciphertext") { key, publicKey in
                for algorithm in EncryptionAlgorithm.all where !suite.isLimited(publicKey.type, algorithm) {
                    try await suite.checkWrongCiphertexts(for: key, publicKey, algorithm)
                }
            }
        },
        Check(statement: "an imported key decrypts what was encrypted to it") { suite in
            let limits = suite.subject.limits
            guard try await suite.canDecrypt(), !limits.contains(.importing(Self.decryptingType)) else { return }
            try await suite.withSession { session in
                guard let importing = session.importing else { return }
                let source = try InMemoryKey.generate(Self.decryptingType)
                let key = try await importing.importKey(
                    pem: try PIN(source.pem), purpose: .decrypt, at: try suite.uri("import-decrypt"))
                let publicKey = try await key.publicKey()
                try suite.expect(publicKey.der == source.publicKeyDER, "it has another public key")
                for algorithm in EncryptionAlgorithm.all {
                    try await suite.checkDecryption(by: key, publicKey, algorithm)
                }
            }
        },
    ]

    /// The one type that is tried: the others differ in length only, and take long to make.
    static let decryptingType = KeyType.rsa(bits: 2048)

    func isLimited(_ type: KeyType, _ algorithm: EncryptionAlgorithm) -> Bool {
        subject.limits.contains(.decrypting(type, algorithm))
    }

    /// Whether any key of the backend should decrypt, by what it declares.
    func canDecrypt() async throws -> Bool {
        let abilities = try await subject.open().backend.abilities
        return abilities.contains(.decrypting)
            && EncryptionAlgorithm.all.contains { !isLimited(Self.decryptingType, $0) }
    }

    /// Runs the body with a new key for decrypting, or sees that none is made where the backend declares so.
    private func withDecryptingKey(
        _ label: String, _ body: @Sendable (any Key, PublicKey) async throws -> Void
    ) async throws {
        let type = Self.decryptingType
        guard hasKeys(of: type) else { return }
        let canDecrypt = try await canDecrypt()
        try await withSession { session in
            guard canDecrypt else {
                for algorithm in EncryptionAlgorithm.all {
                    try await expectLimit(
                        .decrypting(type, algorithm), .unsupportedMechanism, .unsupportedOperation,
                        of: "a key for decrypting"
                    ) {
                        let key = try await makeKey(label, type, purpose: .decrypt, in: session)
                        guard let decrypting = key.decrypting else {
                            throw KeyStoreError(.unsupportedOperation, "the key decrypts nothing")
                        }
                        return try await decrypting.decrypt([UInt8](repeating: 1, count: 256), using: algorithm)
                    }
                }
                return
            }
            let key = try await makeKey(label, type, purpose: .decrypt, in: session)
            try await body(key, try await key.publicKey())
        }
    }

    private func checkDecryption(
        by key: any Key, _ publicKey: PublicKey, _ algorithm: EncryptionAlgorithm
    ) async throws {
        guard let decrypting = key.decrypting else { throw Disproof("the key hands out no decrypting") }
        let isLimited = isLimited(publicKey.type, algorithm)
        // A token may list a mechanism and not tell for which hashes.
        try expect(
            isLimited || key.info.decryptionAlgorithms.contains(algorithm),
            "\(algorithm) is not among its algorithms: \(key.info.decryptionAlgorithms)")
        guard case .rsa(let bits) = publicKey.type else { throw Disproof("the key for decrypting is no RSA key") }
        for length in [1, 0, PublicKey.maximumMessageLength(bits / 8, algorithm)] {
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            let ciphertext = try publicKey.encrypt(message, using: algorithm)
            if isLimited {
                return try await expectLimit(
                    .decrypting(publicKey.type, algorithm), .unsupportedMechanism, of: "\(algorithm)"
                ) {
                    try await decrypting.decrypt(ciphertext, using: algorithm)
                }
            }
            if length == 0, subject.limits.contains(.decryptingEmptyMessages) {
                try await expectLimit(.decryptingEmptyMessages, .invalidData, of: "an empty message by \(algorithm)") {
                    try await decrypting.decrypt(ciphertext, using: algorithm)
                }
                continue
            }
            let plaintext = try await decrypting.decrypt(ciphertext, using: algorithm)
            try expect(
                plaintext.withBytes { $0.elementsEqual(message) },
                "\(algorithm) makes \(plaintext.count) other bytes of \(length)")
        }
    }

    private func checkWrongCiphertexts(
        for key: any Key, _ publicKey: PublicKey, _ algorithm: EncryptionAlgorithm
    ) async throws {
        guard let decrypting = key.decrypting else { throw Disproof("the key hands out no decrypting") }
        let good = try publicKey.encrypt([1, 2, 3], using: algorithm)
        let other: EncryptionAlgorithm = algorithm == .rsaPKCS1 ? .rsaOAEPSHA1 : .rsaPKCS1
        let stranger = try PublicKey(der: InMemoryKey.generate(publicKey.type).publicKeyDER)
        let wrong: [(String, [UInt8])] = [
            ("one with a byte less", Array(good.dropLast())), ("one with a byte more", good + [0]), ("no bytes", []),
            ("a changed one", good.dropLast() + [(good.last ?? 0) ^ 1]),
            ("one that is larger than the modulus", [UInt8](repeating: 0xFF, count: good.count)),
            ("zeros", [UInt8](repeating: 0, count: good.count)),
            ("one to another key", try stranger.encrypt([1, 2, 3], using: algorithm)),
            ("one by \(other)", try publicKey.encrypt([1, 2, 3], using: other)),
        ]
        var words: String?
        for (what, ciphertext) in wrong {
            do {
                _ = try await decrypting.decrypt(ciphertext, using: algorithm)
                // With the old padding, one in some ten thousand of what is not a message looks like one.
                try expect(algorithm == .rsaPKCS1 && ciphertext.count == good.count, "\(what) is decrypted")
            } catch let error as KeyStoreError {
                try expect(error.code == .invalidData, "\(what) is refused with \(error)")
                try expect(words == nil || words == "\(error)", "\(what) is told apart from others: \(error)")
                words = "\(error)"
            }
        }
        let plaintext = try await decrypting.decrypt(good, using: algorithm)
        try expect(
            plaintext.withBytes { $0.elementsEqual([1, 2, 3]) }, "a good ciphertext is not decrypted afterwards")
    }
}
