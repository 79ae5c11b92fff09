import KeyStoreCore

extension KeyStoreConformance {
    static let purposeChecks: [Check] = [
        Check(statement: "a key does what it was made for, and nothing else") { suite in
            let (canDecrypt, agreeingType) = (try await suite.canDecrypt(), try await suite.agreeingType())
            let rsa = suite.hasKeys(of: Self.decryptingType) ? Self.decryptingType : nil
            try await suite.withSession { session in
                var extra: [String] = []
                for (type, name) in [(rsa, "rsa"), (agreeingType, "ec")] {
                    guard let type else { continue }
                    let key = try await suite.makeKey("signs-\(name)", type, in: session)
                    try suite.expect(!key.info.algorithms.isEmpty, "a \(type) key for signing does not sign")
                    if key.decrypting != nil || !key.info.decryptionAlgorithms.isEmpty || key.agreeing != nil {
                        extra.append("a \(type) key for signing does more")
                    }
                }
                for (type, purpose) in [(canDecrypt ? rsa : nil, KeyPurpose.decrypt), (agreeingType, .agree)] {
                    guard let type else { continue }
                    let key = try await suite.makeKey("only-\(purpose.names[0])", type, purpose: purpose, in: session)
                    guard key.info.algorithms.isEmpty else {
                        extra.append("a \(type) key to \(purpose.names[0]) signs")
                        continue
                    }
                    try await suite.expectRefusal(.unsupportedMechanism, of: "signing with a key for something else") {
                        try await key.sign([1], using: type.algorithms[0])
                    }
                }
                if suite.subject.limits.contains(.separatingPurposes) {
                    try suite.expect(!extra.isEmpty, "it is declared as a limit that keys do more, and none does")
                    suite.evidence.add(.separatingPurposes)
                } else {
                    try suite.expect(extra.isEmpty, extra.joined(separator: ", "))
                }
            }
        },
        Check(statement: "a purpose that no key of the type has is refused, and nothing is made") { suite in
            try await suite.withSession { session in
                for (type, purpose) in [
                    (KeyType.ecP256, KeyPurpose.decrypt), (.ecP256, [.sign, .decrypt]), (.ed25519, .agree),
                    (.x25519, .sign), (.x25519, [.sign, .agree]), (.rsa(bits: 2048), .agree),
                    (.ecP256, KeyPurpose(rawValue: 1 << 20)),
                ] {
                    let uri = try suite.uri("no-purpose")
                    try await suite.expectRefusal(
                        .unsupportedMechanism, .unsupportedOperation, of: "a \(type) key for \(purpose.names)"
                    ) {
                        try await session.generateKey(type, purpose: purpose, at: uri)
                    }
                    try await suite.expectRefusal(.noSuchKey, of: "the key that was not made") {
                        try await session.key(at: uri)
                    }
                }
            }
        },
    ]
}
