import KeyStoreCore

/// That a module has a quirk: with that quirk switched off, what the quirk is for happens.
struct QuirkCheck: Sendable {
    /// The quirk's name in references.
    let quirk: String
    /// What happens without it.
    let statement: String
    /// Makes it happen, with a writable session of a store that has the quirk switched off. Throws where it does not.
    let body: @Sendable (any KeyStoreSession, QuirkBench) async throws -> Void

    /// The checks for a module.
    static func all(of module: MatrixModule) -> [QuirkCheck] {
        switch module {
        case .tpm2: [unsaidUses, noP521, unlistedPSS]
        case .openCryptoki: [noPKCS1Decryption]
        case .softHSM2, .p11KitClient, .p11KitRemote, .p11KitProxy: [oaepSHA1Only]
        case .ykcs11: [unsaidDerivation]
        case .nss, .openSC: []
        }
    }

    private static let unsaidUses = QuirkCheck(
        quirk: "unsaid-uses", statement: "keys for signing alone cannot be made"
    ) { session, bench in
        for type in [KeyType.ecP256, .rsa(bits: 2048)] {
            try await bench.expectFailure("a \(type) key") { _ = try await session.generateKey(type, at: bench.uri()) }
        }
    }

    private static let noP521 = QuirkCheck(
        quirk: "no-p521", statement: "a P-521 key that is made cannot be used"
    ) { session, bench in
        try await bench.expectFailure("a P-521 key") {
            let key = try await session.generateKey(.ecP521, at: bench.uri())
            _ = try await key.sign([1], using: .ecdsaP521SHA512)
        }
    }

    private static let unlistedPSS = QuirkCheck(
        quirk: "unlisted-pss", statement: "an RSA key does not offer PSS"
    ) { session, bench in
        let key = try await session.generateKey(.rsa(bits: 2048), at: bench.uri())
        guard !key.info.algorithms.contains(where: \.isRSAPSS), !key.info.algorithms.isEmpty else {
            throw BringupError("it offers \(key.info.algorithms)")
        }
    }

    private static let oaepSHA1Only = QuirkCheck(
        quirk: "oaep-sha1-only", statement: "OAEP is offered with other hashes and decrypts nothing"
    ) { session, bench in
        let key = try await session.generateKey(.rsa(bits: 2048), purpose: .decrypt, at: bench.uri())
        try await bench.expectFailure("RSA-OAEP-256") {
            _ = try await bench.decrypt([1, 2, 3], with: key, .rsaOAEPSHA256)
        }
        guard try await bench.decrypt([1, 2, 3], with: key, .rsaOAEPSHA1) == [1, 2, 3] else {
            throw BringupError("SHA-1 makes something else")
        }
    }

    private static let unsaidDerivation = QuirkCheck(
        quirk: "unsaid-derivation", statement: "an EC key that derives does not say so"
    ) { session, bench in
        let key = try await session.key(at: bench.uri(ofGiven: "only-derive"))
        guard !key.info.canAgree else { throw BringupError("it says so") }
    }

    private static let noPKCS1Decryption = QuirkCheck(
        quirk: "no-pkcs1-decryption", statement: "an empty message is decrypted to a byte of zero"
    ) { session, bench in
        let key = try await session.generateKey(.rsa(bits: 2048), purpose: .decrypt, at: bench.uri())
        let plaintext = try await bench.decrypt([], with: key, .rsaPKCS1)
        guard plaintext == [0] else { throw BringupError("it is decrypted to \(plaintext)") }
    }
}
