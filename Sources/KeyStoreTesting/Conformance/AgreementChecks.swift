import Crypto
import KeyStoreCore

extension KeyStoreConformance {
    static let agreementChecks: [Check] =
        [KeyType.ecP256, .ecP384, .ecP521, .x25519].map { type in
            Check(statement: "\(type) keys for deriving, made and imported, share secrets with other keys") { suite in
                try await suite.checkAgreement(of: type)
            }
        } + [
            Check(statement: "another public key that is of another curve, or not on it, is invalidData") { suite in
                guard let type = try await suite.agreeingType() else { return }
                try await suite.withSession { session in
                    let key = try await suite.makeKey("wrong-peer", type, purpose: .agree, in: session)
                    guard let agreeing = key.agreeing else { throw Disproof("the key derives no secrets") }
                    let good = try PeerKey(type).publicKey
                    var changed = good.der
                    changed[changed.count - 1] ^= 1
                    let zeros = good.der.dropLast(64) + [UInt8](repeating: 0, count: 64)
                    let others = [KeyType.ecP256, .ecP384, .x25519].filter { $0 != type }
                    for peer in [try PublicKey(der: changed), try PublicKey(der: Array(zeros))]
                        + (try others.map { try PeerKey($0).publicKey })
                    {
                        try await suite.expectRefusal(.invalidData, of: "another key, \(peer.type)") {
                            try await agreeing.sharedSecret(with: peer)
                        }
                    }
                    _ = try await agreeing.sharedSecret(with: good)
                }
            },
            Check(statement: "to an X25519 key, another one of low order or another type's is invalidData") { suite in
                guard try await suite.canAgree(.x25519), suite.hasKeys(of: .x25519) else { return }
                try await suite.withSession { session in
                    let key = try await suite.makeKey("low-order", .x25519, purpose: .agree, in: session)
                    guard let agreeing = key.agreeing else { throw Disproof("the key derives no secrets") }
                    let good = try PeerKey(.x25519).publicKey
                    // The points 0 and 1 (RFC 7748 §6.1): with either the secret is zero, whoever derives it.
                    let zero = good.der.dropLast(32) + [UInt8](repeating: 0, count: 32)
                    let one = good.der.dropLast(32) + [1] + [UInt8](repeating: 0, count: 31)
                    for peer in [
                        try PublicKey(der: Array(zero)), try PublicKey(der: Array(one)), try PeerKey(.ecP256).publicKey,
                    ] {
                        try await suite.expectRefusal(.invalidData, of: "another key, \(peer.type)") {
                            try await agreeing.sharedSecret(with: peer)
                        }
                    }
                    _ = try await agreeing.sharedSecret(with: good)
                }
            },
        ]

    /// Whether keys of the type should derive secrets, by what the backend declares.
    private func canAgree(_ type: KeyType) async throws -> Bool {
        try await subject.open().backend.abilities.contains(.agreeing) && !subject.limits.contains(.agreeing(type))
    }

    /// A type whose keys should derive secrets, by what the backend declares; nil for none.
    func agreeingType() async throws -> KeyType? {
        guard try await subject.open().backend.abilities.contains(.agreeing) else { return nil }
        return [.ecP256, .ecP384, .ecP521].first {
            hasKeys(of: $0) && !subject.limits.contains(.agreeing($0))
        }
    }

    private func checkAgreement(of type: KeyType) async throws {
        let canAgree = try await canAgree(type)
        try await withSession { session in
            if type == .x25519 { try await checkLimits(of: type, in: session) }
            if hasKeys(of: type) {
                let label = "agree-\(type)".replacing(" ", with: "-")
                if canAgree {
                    try await checkSecrets(
                        of: try await makeKey(label, type, purpose: .agree, in: session), type)
                } else {
                    try await expectLimit(
                        .agreeing(type), .unsupportedMechanism, .unsupportedOperation,
                        of: "a \(type) key for deriving"
                    ) {
                        let key = try await makeKey(label, type, purpose: .agree, in: session)
                        guard let agreeing = key.agreeing else {
                            throw KeyStoreError(.unsupportedOperation, "the key derives nothing")
                        }
                        return try await agreeing.sharedSecret(with: try PeerKey(type).publicKey)
                    }
                }
            }
            guard canAgree, let importing = session.importing, !subject.limits.contains(.importing(type)) else {
                return
            }
            let text = try InMemoryKey.generate(type).pem
            let uri = try uri("import-agree-\(type)".replacing(" ", with: "-"))
            try await checkSecrets(
                of: try await importing.importKey(pem: try PIN(text), purpose: .agree, at: uri), type)
        }
    }

    /// That what is declared of a type is so, whose keys only derive: nothing else makes or imports any.
    private func checkLimits(of type: KeyType, in session: any KeyStoreSession) async throws {
        if subject.limits.contains(.generating(type)) {
            let uri = try uri(subject.givenTypes.isEmpty ? "no-\(type)" : Subject.missing[0])
            try await expectLimit(
                .generating(type), .unsupportedMechanism, .unsupportedOperation, .policyRefused,
                of: "a new key, \(type)"
            ) {
                try await session.generateKey(type, purpose: .agree, at: uri)
            }
        }
        if subject.limits.contains(.importing(type)), let importing = session.importing {
            let pem = try PIN(try InMemoryKey.generate(type).pem)
            let uri = try uri(subject.givenTypes.isEmpty ? "no-import-\(type)" : Subject.missing[1])
            try await expectLimit(
                .importing(type), .unsupportedOperation, .unsupportedMechanism, .policyRefused, of: "the import"
            ) {
                try await importing.importKey(pem: pem, purpose: .agree, at: uri)
            }
        }
    }

    private func checkSecrets(of key: any Key, _ type: KeyType) async throws {
        try expect(key.info.canAgree, "the key does not say that it derives secrets")
        guard let agreeing = key.agreeing else { throw Disproof("the key hands out no deriving") }
        let publicKey = try await key.publicKey()
        for _ in 0..<3 {
            let peer = try PeerKey(type)
            let secret = try await agreeing.sharedSecret(with: peer.publicKey)
            let theirs = try peer.secret(with: publicKey)
            try expect(
                secret.count == theirs.count, "the secret has \(secret.count) bytes and not \(theirs.count)")
            try expect(secret.withBytes { $0.elementsEqual(theirs) }, "the other side derives another secret")
        }
    }
}
